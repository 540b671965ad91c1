export type Labels = ReadonlyMap<string, string>

const labelsMax = 64
const escapes: Record<string, string> = { n: '\n', '"': '"', '\\': '\\' }

/**
 * The labels of a series, from its opening brace on, and where they end; null where they are not written as Prometheus'
 * text format has them.
 */
export function parseLabels(line: string, from: number): { labels: Labels; end: number } | null {
  const labels = new Map<string, string>()
  const name = /[a-zA-Z_]\w*/y
  let at = from + 1
  for (;;) {
    at = skipSpaces(line, at)
    if (line[at] === '}') return { labels, end: at + 1 }
    if (labels.size >= labelsMax) return null
    name.lastIndex = at
    const found = name.exec(line)?.[0]
    if (found === undefined) return null
    at = skipSpaces(line, at + found.length)
    if (line[at] !== '=') return null
    const value = readValue(line, skipSpaces(line, at + 1))
    if (value === null) return null
    labels.set(found, value.text)
    at = skipSpaces(line, value.end)
    if (line[at] === ',') at += 1
    else if (line[at] !== '}') return null
  }
}

function readValue(line: string, from: number): { text: string; end: number } | null {
  if (line[from] !== '"') return null
  let text = ''
  for (let at = from + 1; at < line.length; at += 1) {
    const character = line[at]!
    if (character === '"') return { text, end: at + 1 }
    if (character === '\\') {
      const escaped = escapes[line[(at += 1)] ?? '']
      if (escaped === undefined) return null
      text += escaped
    } else text += character
  }
  return null
}

function skipSpaces(line: string, from: number): number {
  let at = from
  while (line[at] === ' ' || line[at] === '\t') at += 1
  return at
}
