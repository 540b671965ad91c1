import {
  isAlias,
  isMap,
  isScalar,
  parseAllDocuments,
  parseDocument,
  visit,
  type Document,
  type ScalarTag,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml'
import { findShapeFault, strictYaml } from '#yaml'
import { isRecord } from './objects.ts'
import { howToMake, Refusal } from './refusal.ts'

export const kubeconfigBytesMax = 1024 * 1024

/**
 * The kubeconfig as it stands in the file. Throws Refusal for what is none, or is a trap. `as: 'kubectl'` takes what kubectl
 * takes: aliases, merge keys, tags, of equal keys the last, of several documents the first, and an empty one.
 */
export function readYaml(
  text: string,
  { as = 'hub' }: { as?: 'hub' | 'kubectl' } = {},
): Record<string, unknown> {
  if (Buffer.byteLength(text) > kubeconfigBytesMax) {
    throw new Refusal('The file is larger than 1 MiB.', howToMake)
  }
  if (text.trim() === '') throw new Refusal('The file is empty.', howToMake)
  const value = as === 'hub' ? parseYaml(text) : (parseAsKubectl(text) ?? {})
  const notKubeconfig = 'The file is not a kubeconfig'
  if (!isRecord(value)) throw new Refusal(`${notKubeconfig}: it holds no mapping.`, howToMake)
  if ((value.kind ?? 'Config') !== 'Config' || (value.apiVersion ?? 'v1') !== 'v1') {
    throw new Refusal(`${notKubeconfig}: it is not "kind: Config" of "apiVersion: v1".`, howToMake)
  }
  if (as === 'kubectl') return value
  if (!('clusters' in value) && !('users' in value) && !('contexts' in value)) {
    throw new Refusal(`${notKubeconfig}: it has no clusters, users and contexts.`, howToMake)
  }
  return value
}

function parseYaml(text: string): unknown {
  let document: Document.Parsed
  try {
    refuseShape(text)
    document = parseDocument(text, strictYaml)
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal('The file is not YAML.', howToMake)
  }
  const problem = document.errors[0]
  if (problem) throw describeProblem(problem, text)
  if (document.warnings.length > 0) {
    throw new Refusal('The file uses YAML tags, which no kubeconfig needs.', 'Remove the tags.')
  }
  refuseTraps(document, text)
  return document.toJS({ maxAliasCount: 0 })
}

function parseAsKubectl(text: string): unknown {
  refuseShape(text)
  try {
    const [document] = parseAllDocuments(text, {
      prettyErrors: false,
      schema: 'core',
      merge: true,
      uniqueKeys: false,
      stringKeys: true,
      customTags: (tags) => [...tags, binary, oldBoolean],
      logLevel: 'silent',
    })
    if (!document || !('errors' in document)) return null
    const problem = document.errors[0]
    if (problem) throw describeProblem(problem, text)
    return document.toJS({ maxAliasCount: aliasesMax })
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw error instanceof ReferenceError
      ? new Refusal('The file repeats itself through aliases too often.', 'Write the values out.')
      : new Refusal('The file is not YAML.', howToMake)
  }
}

/** Repetitions, those within repetitions included; each context of a large file may have one or two. */
const aliasesMax = 10_000

const binary: ScalarTag = {
  tag: 'tag:yaml.org,2002:binary',
  resolve: (text) => Buffer.from(text, 'base64').toString('utf8'),
}

/** kubectl reads YAML 1.1 here. */
const oldBoolean: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:yes|Yes|YES|on|On|ON|no|No|NO|off|Off|OFF)$/,
  resolve: (text) => /^(yes|on)$/i.test(text),
}

function describeProblem({ code, pos }: YAMLParseError, text: string): Refusal {
  const line = text.slice(0, pos[0]).split('\n').length
  const what =
    code === 'MULTIPLE_DOCS'
      ? `holds more than one YAML document (line ${line})`
      : `is not YAML (line ${line}: ${code.toLowerCase().replaceAll('_', ' ')})`
  return new Refusal(`The file ${what}.`, correctLine)
}

const fewer =
  'Keep this instance\'s context alone, as "kubectl config view --minify --flatten --raw" writes it.'
const correctLine = 'Correct the line, or copy the kubeconfig again.'

const depthMax = 64
/** Lines, keys and items; a kubeconfig of 300 clusters has 10,000. */
const piecesMax = 30_000

function refuseShape(text: string): void {
  switch (findShapeFault(text, { depthMax, piecesMax })) {
    case 'too-deep':
      throw new Refusal('The file is nested too deeply.', howToMake)
    case 'too-many':
      throw new Refusal(`The file has more than ${piecesMax} lines, keys and items.`, fewer)
    case null:
  }
}

function refuseTraps(document: Document.Parsed, text: string): void {
  visit(document, (_, node) => {
    if (isAlias(node)) {
      throw new Refusal(
        'The file uses YAML aliases, which no kubeconfig needs.',
        'Write the values out.',
      )
    }
    if (isMap(node)) refuseKeys(node, text)
  })
}

function refuseKeys({ items }: YAMLMap, text: string): void {
  const names = new Set<unknown>()
  for (const { key } of items) {
    const name = isScalar(key) ? key.value : key
    if (name === '__proto__' || name === 'constructor' || name === 'prototype') {
      throw new Refusal(`The file has a key "${name}".`, 'Remove that key.')
    }
    if (names.has(name)) {
      const start = isScalar(key) ? (key.range?.[0] ?? 0) : 0
      const line = text.slice(0, start).split('\n').length
      throw new Refusal(`The file has the same key twice (line ${line}).`, correctLine)
    }
    names.add(name)
  }
}
