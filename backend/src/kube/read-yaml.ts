import { isAlias, isMap, isScalar, parseDocument, visit, type Document, type YAMLMap } from 'yaml'
import { isRecord } from './objects.ts'
import { howToMake, Refusal } from './refusal.ts'

export const kubeconfigBytesMax = 1024 * 1024

/** The kubeconfig as it stands in the file. Throws Refusal for what is none, or is a trap. */
export function readYaml(text: string): Record<string, unknown> {
  if (Buffer.byteLength(text) > kubeconfigBytesMax) {
    throw new Refusal('The file is larger than 1 MiB.', howToMake)
  }
  if (text.trim() === '') throw new Refusal('The file is empty.', howToMake)
  const value = parseYaml(text)
  const notKubeconfig = 'The file is not a kubeconfig'
  if (!isRecord(value)) throw new Refusal(`${notKubeconfig}: it holds no mapping.`, howToMake)
  if ((value.kind ?? 'Config') !== 'Config' || (value.apiVersion ?? 'v1') !== 'v1') {
    throw new Refusal(`${notKubeconfig}: it is not "kind: Config" of "apiVersion: v1".`, howToMake)
  }
  if (!('clusters' in value) && !('users' in value) && !('contexts' in value)) {
    throw new Refusal(`${notKubeconfig}: it has no clusters, users and contexts.`, howToMake)
  }
  return value
}

function parseYaml(text: string): unknown {
  let document: Document.Parsed
  try {
    refuseShape(text)
    document = parseDocument(text, {
      // A pretty error would quote the line, and with it a secret.
      prettyErrors: false,
      schema: 'core',
      merge: false,
      // The library compares each key with every other; see refuseTraps.
      uniqueKeys: false,
      stringKeys: true,
      resolveKnownTags: false,
      logLevel: 'error',
    })
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal('The file is not YAML.', howToMake)
  }
  const problem = document.errors[0]
  if (problem) {
    const line = text.slice(0, problem.pos[0]).split('\n').length
    const what =
      problem.code === 'MULTIPLE_DOCS'
        ? `holds more than one YAML document (line ${line})`
        : `is not YAML (line ${line}: ${problem.code.toLowerCase().replaceAll('_', ' ')})`
    throw new Refusal(`The file ${what}.`, correctLine)
  }
  if (document.warnings.length > 0) {
    throw new Refusal('The file uses YAML tags, which no kubeconfig needs.', 'Remove the tags.')
  }
  refuseTraps(document, text)
  return document.toJS({ maxAliasCount: 0 })
}

const fewer =
  'Keep this instance\'s context alone, as "kubectl config view --minify --flatten --raw" writes it.'
const correctLine = 'Correct the line, or copy the kubeconfig again.'

const depthMax = 64
/** Lines, keys and items; a kubeconfig of 300 clusters has 10,000. */
const piecesMax = 30_000

/**
 * What would hold a parser for long, seen before it does. Flow collections are the only YAML that nests without growing
 * wider.
 */
function refuseShape(text: string): void {
  let depth = 0
  let pieces = 0
  for (const char of text) {
    if (char === '[' || char === '{') depth += 1
    else if (char === ']' || char === '}') depth -= 1
    else if (char === '\n' || char === ',' || char === ':' || char === '-' || char === '?')
      pieces += 1
    if (depth > depthMax) throw new Refusal('The file nests too deep.', howToMake)
    if (pieces > piecesMax) {
      throw new Refusal(`The file has more than ${piecesMax} lines, keys and items.`, fewer)
    }
  }
}

function refuseTraps(document: Document.Parsed, text: string): void {
  visit(document, (_, node) => {
    if (isAlias(node)) {
      throw new Refusal(
        'The file uses YAML aliases, which no kubeconfig needs.',
        'Write values out.',
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
