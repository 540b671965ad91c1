import { isAlias, isMap, isScalar, LineCounter, parseDocument, visit, type YAMLMap } from 'yaml'
import { findShapeFault } from './find-shape-fault.ts'
import { strictYaml } from './strict-yaml.ts'

/** What keeps a text from being read, as a sentence continues after "it"; and in which line, where that is known. */
export class YamlFault extends Error {
  readonly line: number | null

  constructor(message: string, line: number | null = null) {
    super(message)
    this.name = 'YamlFault'
    this.line = line
  }
}

/**
 * The value of one YAML document of a stranger: JSON's values, without aliases, tags and keys that stand twice. Throws
 * YamlFault.
 */
export function readStrict(text: string, limits: { depthMax: number; piecesMax: number }): unknown {
  const shape = findShapeFault(text, limits)
  if (shape === 'too-deep') throw new YamlFault(`is nested deeper than ${limits.depthMax} levels`)
  if (shape === 'too-many') {
    throw new YamlFault(`has more than ${limits.piecesMax} lines, keys and items`)
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { ...strictYaml, lineCounter: lines })
  const lineOf = (offset: number) => lines.linePos(offset).line
  const [problem] = document.errors
  if (problem) {
    const what =
      problem.code === 'MULTIPLE_DOCS'
        ? 'holds several documents; send them one at a time'
        : `is not YAML (${problem.code.toLowerCase().replaceAll('_', ' ')})`
    throw new YamlFault(what, lineOf(problem.pos[0]))
  }
  const [warning] = document.warnings
  if (warning) throw new YamlFault('uses a tag; leave it out', lineOf(warning.pos[0]))
  visit(document, (_, node) => {
    if (isAlias(node)) {
      throw new YamlFault('uses an alias; write the value out', lineOf(node.range?.[0] ?? 0))
    }
    if (isMap(node)) refuseTwice(node, lineOf)
  })
  return document.toJS({ maxAliasCount: 0 })
}

function refuseTwice({ items }: YAMLMap, lineOf: (offset: number) => number): void {
  const names = new Set<unknown>()
  for (const { key } of items) {
    const name = isScalar(key) ? key.value : key
    const line = lineOf(isScalar(key) ? (key.range?.[0] ?? 0) : 0)
    if (name === '__proto__') throw new YamlFault('has a key "__proto__"; remove it', line)
    if (names.has(name)) throw new YamlFault('has the same key twice; keep one', line)
    names.add(name)
  }
}
