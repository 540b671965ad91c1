// As much of TypeScript's grammar as counting needs: brackets, texts and comments.

/** Where the bracket at `start` closes. */
export function findEnd(text: string, start: number): number | null {
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    const character = text[at]!
    if (character === "'" || character === '"' || character === '`') {
      at = skipText(text, at)
    } else if (character === '/') {
      at = skipSlash(text, at)
    } else if ('([{'.includes(character)) {
      depth += 1
    } else if (')]}'.includes(character)) {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return null
}

function skipText(text: string, start: number): number {
  const quote = text[start]!
  let at = start + 1
  while (at < text.length && text[at] !== quote) {
    if (quote === '`' && text.startsWith('${', at)) at = findEnd(text, at + 1) ?? at
    at += text[at] === '\\' ? 2 : 1
  }
  return at
}

/** A comment or a regular expression; a division is neither. */
function skipSlash(text: string, start: number): number {
  if (text[start + 1] === '/') return toEnd(text.indexOf('\n', start), text)
  if (text[start + 1] === '*') return toEnd(text.indexOf('*/', start + 2), text) + 1
  if (!/(?:[(,=:[!&|?{};>]|\breturn|\n)\s*$/.test(text.slice(Math.max(0, start - 20), start)))
    return start
  let isInClass = false
  for (let at = start + 1; at < text.length && text[at] !== '\n'; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '[') isInClass = true
    else if (text[at] === ']') isInClass = false
    else if (text[at] === '/' && !isInClass) return at
  }
  return start
}

function toEnd(found: number, text: string): number {
  return found < 0 ? text.length : found
}
