/**
 * The text of a JSON object with some of its members set, and all else as it was, character by character: numbers longer
 * than JavaScript's, and names that appear twice. Throws nothing for what `JSON.parse` takes as an object.
 */
export function setMembers(text: string, members: Readonly<Record<string, unknown>>): string {
  const left = new Map(
    Object.entries(members).map(([name, value]) => [name, JSON.stringify(value)]),
  )
  const values = new Map(left)
  const begin = text.indexOf('{') + 1
  let written = ''
  let from = begin
  let isEmpty = true
  for (const { end, name, start } of membersOf(text, begin)) {
    isEmpty = false
    const value = values.get(name)
    if (value === undefined) continue
    left.delete(name)
    written += text.slice(from, start) + value
    from = end
  }
  const added = [...left].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')
  const comma = added === '' || isEmpty ? '' : ','
  return text.slice(0, begin) + added + comma + written + text.slice(from)
}

type Member = { name: string; start: number; end: number }

/** Where the values of an object's own members are. */
function* membersOf(text: string, begin: number): Generator<Member> {
  let at = skipSpace(text, begin)
  while (text[at] === '"') {
    const nameEnd = endOfString(text, at)
    const name = JSON.parse(text.slice(at, nameEnd)) as string
    const start = skipSpace(text, text.indexOf(':', nameEnd) + 1)
    const end = endOfValue(text, start)
    yield { name, start, end }
    const next = skipSpace(text, end)
    at = text[next] === ',' ? skipSpace(text, next + 1) : next
  }
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (' \t\r\n'.includes(text[at] ?? '!')) at += 1
  return at
}

/** After the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); ; at = text.indexOf('"', at + 1)) {
    let slashes = 0
    while (text[at - 1 - slashes] === '\\') slashes += 1
    if (slashes % 2 === 0) return at + 1
  }
}

function endOfValue(text: string, start: number): number {
  if (text[start] === '"') return endOfString(text, start)
  const isNested = text[start] === '{' || text[start] === '['
  // Lists of a million numbers have a million commas, which say nothing.
  const mark = isNested ? /["{}[\]]/g : /[,}]/g
  let depth = 0
  mark.lastIndex = start
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    const [character] = found
    if (character === '"') mark.lastIndex = endOfString(text, found.index)
    else if (character === '{' || character === '[') depth += 1
    else if (!isNested) return found.index
    else if ((depth -= 1) === 0) return found.index + 1
  }
  return text.length
}
