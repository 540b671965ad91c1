import { ConfigFile } from '@hub/shared'
import {
  isAlias,
  isMap,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import { strictYaml } from '#yaml'
import { describeIssue } from './describe-issue.ts'
import { offsetOf } from './offset-of.ts'
import { refuseShape } from './refuse-shape.ts'
import { toContent, type ConfigFileContent } from './content.ts'
import type { BesideFile } from './read-providers.ts'

export const configBytesMax = 1024 * 1024

/** A mistake and where it is; without a place it is the whole file's. */
export type FileMistake = {
  line?: number | undefined
  column?: number | undefined
  sentence: string
}

export type ParsedFile = (
  | { ok: true; content: ConfigFileContent }
  | { ok: false; mistakes: readonly FileMistake[] }
) & {
  /** Paths of what was read with it. */
  keyFiles: readonly string[]
}

/** More than so many nobody reads at once. */
const mistakesMax = 50

/** Reads the whole file. Of what is wrong with it, all is told at once, in the order of the lines. */
export function parseConfigFile(bytes: Uint8Array, path: string, beside: BesideFile): ParsedFile {
  const text = decode(bytes)
  if (typeof text !== 'string') return fail([text])
  const shape = refuseShape(text)
  return shape === null ? parseText(text, path, beside) : fail([shape])
}

function parseText(text: string, path: string, beside: BesideFile): ParsedFile {
  const lines = new LineCounter()
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const document = parseDocument(text, { ...strictYaml, lineCounter: lines })
  if (document.errors.length > 0) {
    return fail(document.errors.map(({ code, pos }) => describeCode(code, place(pos[0]))))
  }
  if (document.contents === null) return fail([empty])
  const traps = findTraps(document, place)
  if (traps.some(({ isFatal }) => isFatal)) return fail(traps)
  const value: unknown = document.toJS({ maxAliasCount: 0 })
  const parsed = ConfigFile.safeParse(value)
  if (!parsed.success) {
    const issues = parsed.error.issues.flatMap((issue) => describeIssue(issue, document))
    return fail([
      ...traps,
      ...issues.map(({ offset, sentence }) => ({ ...place(offset), sentence })),
    ])
  }
  if (traps.length > 0) return fail(traps)
  const { content, keyFiles, mistakes } = toContent(parsed.data, path, beside)
  if (mistakes.length === 0) return { ok: true, content, keyFiles }
  return fail(
    mistakes.map(({ path: at, sentence }) => ({
      ...place(offsetOf(document.getIn(at, true))),
      sentence,
    })),
    keyFiles,
  )
}

function fail(mistakes: readonly FileMistake[], keyFiles: readonly string[] = []): ParsedFile {
  const different = new Map(
    mistakes.map((mistake) => [`${mistake.line} ${mistake.column} ${mistake.sentence}`, mistake]),
  )
  const sorted = [...different.values()]
    .map(({ column, line, sentence }) => ({ line, column, sentence }))
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
  if (sorted.length <= mistakesMax) return { ok: false, mistakes: sorted, keyFiles }
  const left = sorted.length - mistakesMax
  const sentence = left === 1 ? 'There is one more mistake.' : `There are ${left} more mistakes.`
  return { ok: false, mistakes: [...sorted.slice(0, mistakesMax), { sentence }], keyFiles }
}

const empty = {
  sentence: 'It is empty; write "groupMappings: []" if it should give nothing.',
}
const notYaml = { sentence: 'It is not YAML; write keys and lists as the documentation shows.' }

function decode(bytes: Uint8Array): string | FileMistake {
  if (bytes.byteLength > configBytesMax) {
    return { sentence: 'It is larger than 1 MiB; remove what does not belong there.' }
  }
  try {
    // A byte order mark of UTF-8 is left out by this.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (text.includes('\0')) return notText
    return text
  } catch {
    return notText
  }
}

const notText = { sentence: 'It is not text in UTF-8; save it as UTF-8.' }

function describeCode(code: string, at: { line: number; column: number }): FileMistake {
  switch (code) {
    case 'MULTIPLE_DOCS':
      return { ...at, sentence: 'A second YAML document begins here; keep one, without "---".' }
    case 'TAB_AS_INDENT':
      return { ...at, sentence: 'A tab is used to indent here; use spaces.' }
    // What nests too deep for the parser, by dashes.
    case 'RESOURCE_EXHAUSTION':
      return notYaml
    default: {
      const what = code.toLowerCase().replaceAll('_', ' ')
      return { ...at, sentence: `This is not YAML (${what}); correct the line.` }
    }
  }
}

type Trap = FileMistake & { isFatal: boolean }

/** What the file may not have, whatever it means. After what is fatal nothing can be said of the rest. */
function findTraps(
  document: Document.Parsed,
  place: (offset: number) => { line: number; column: number },
): Trap[] {
  const traps: Trap[] = []
  visit(document, (_, node) => {
    if (isAlias(node)) {
      const sentence = `This is an alias (*${node.source}); write the values out.`
      traps.push({ ...place(offsetOf(node)), sentence, isFatal: true })
    }
    if (isMap(node)) traps.push(...findKeyTraps(node, place))
  })
  for (const { pos } of document.warnings) {
    const sentence = 'This is a YAML tag, which means nothing here; take it out.'
    traps.push({ ...place(pos[0]), sentence, isFatal: false })
  }
  return traps
}

function findKeyTraps(
  { items }: YAMLMap,
  place: (offset: number) => { line: number; column: number },
): Trap[] {
  const names = new Set<string>()
  return items.flatMap(({ key }): Trap[] => {
    // The parser takes no others.
    const { value } = key as Scalar<string>
    const isKnown = names.has(value)
    names.add(value)
    const at = place(offsetOf(key))
    if (isReserved(value)) {
      return [{ ...at, sentence: `"${value}" cannot be a key here; remove it.`, isFatal: true }]
    }
    if (!isKnown) return []
    const sentence = `"${value}" appears here for the second time; keep one.`
    return [{ ...at, sentence, isFatal: false }]
  })
}

function isReserved(name: string): boolean {
  return name === '__proto__' || name === 'constructor' || name === 'prototype'
}
