import { kubernetesYaml, pointerPath, type FieldError } from '@hub/shared'
import { Document, isMap, isNode, isPair, LineCounter, parseDocument, visit, type Node } from 'yaml'
import { isEqual } from '../changes/merge-patch.ts'
import { isFields, type Draft } from './draft.ts'

/** What is wrong with a text, and at which of its lines. */
export interface TextFault {
  line: number
  detail: string
}

/** What a text says: a manifest, or why it is none. */
export type TextRead = { draft: Draft; faults: [] } | { draft: null; faults: TextFault[] }

const mostBytes = 2 * 1024 * 1024
// It is read by YAML 1.2, as the hub does, and written so that kubectl reads the same.
const options = { ...kubernetesYaml, uniqueKeys: true, version: '1.2', schema: 'core' } as const

export function writeYaml(value: unknown): string {
  return new Document(value, options).toString({ lineWidth: 0 })
}

export function readYaml(text: string): TextRead {
  if (text.length > mostBytes) return fault(1, 'The text is longer than 2 MB.')
  const lines = new LineCounter()
  const document = parse(text, lines)
  if (document.errors.length > 0) {
    return {
      draft: null,
      faults: document.errors.map(({ code, message, pos }) => ({
        line: lines.linePos(pos[0]).line,
        detail: code === 'MULTIPLE_DOCS' ? severalDocuments : describe(message),
      })),
    }
  }
  let alias: number | null = null
  visit(document, {
    Alias: (_, node) => {
      alias ??= lineAt(node, lines)
    },
  })
  if (alias !== null)
    return fault(alias, 'Anchors and aliases are not accepted: write the values out.')
  return readManifest(document.toJS() as unknown, (part) => lineOf(document, lines, [part]))
}

const severalDocuments = 'There are several documents: send one manifest at a time.'

function readManifest(value: unknown, lineOfPart: (name: string) => number): TextRead {
  if (!isFields(value))
    return fault(1, 'This is not a manifest, which begins with apiVersion and kind.')
  for (const name of ['apiVersion', 'kind']) {
    if (typeof value[name] !== 'string') return fault(lineOfPart(name), `${name} is missing.`)
  }
  const { metadata = {}, spec = {} } = value
  if (!isFields(metadata)) return fault(lineOfPart('metadata'), 'metadata must hold fields.')
  if (!isFields(spec)) return fault(lineOfPart('spec'), 'spec must hold fields.')
  // What it holds beyond that is checked where it is sent: by the contract's schemas, and by the cluster.
  return { draft: { ...value, metadata, spec } as unknown as Draft, faults: [] }
}

/** The text with what was changed in the form since; whatever else stands in it, comments too, stays. */
export function editYaml(text: string, draft: Draft): string {
  const document = parse(text)
  if (document.errors.length > 0) return writeYaml(draft)
  const before: unknown = document.toJS()
  if (isEqual(before, draft)) return text
  edit(document, [], before, draft)
  // As lists in one line were typed.
  return document.toString({ lineWidth: 0, flowCollectionPadding: /[[{] /.test(text) })
}

function edit(document: Document, path: readonly string[], before: unknown, after: unknown): void {
  if (isEqual(before, after)) return
  if (after === undefined) document.deleteIn(path)
  else if (
    isFields(before) &&
    isFields(after) &&
    isMap(document.getIn(path, true) ?? document.contents)
  ) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      edit(document, [...path, name], before[name], after[name])
    }
  } else document.setIn(path, document.createNode(after))
}

/** The lines of what fields are about: of the field itself, or of what it would be in. */
export function placeInText(text: string, errors: readonly FieldError[]): TextFault[] {
  const lines = new LineCounter()
  const document = parse(text, lines)
  return errors.map(({ detail, pointer }) => ({
    line: lineOf(document, lines, pointerPath(pointer)),
    detail: `${pointer.slice(1).replaceAll('/', '.')} ${detail}`,
  }))
}

function lineOf(document: Document, lines: LineCounter, path: readonly string[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const name = path[length - 1]
    const parent =
      length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && String(item.key) === name)
      if (pair && isNode(pair.key)) return lineAt(pair.key, lines)
    }
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node)) return lineAt(node, lines)
  }
  return 1
}

function lineAt(node: Node, lines: LineCounter): number {
  return node.range ? lines.linePos(node.range[0]).line : 1
}

function parse(text: string, lineCounter?: LineCounter) {
  return parseDocument(text, {
    ...options,
    prettyErrors: false,
    ...(lineCounter && { lineCounter }),
  })
}

function fault(line: number, detail: string): TextRead {
  return { draft: null, faults: [{ line, detail }] }
}

/** The parser's words, as a sentence. */
function describe(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`
}
