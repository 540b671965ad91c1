/** Lists within lists: the file itself needs four levels. */
const nestMax = 20
/** Lines, keys and items: a thousand mappings with their namespaces have some ten thousand. */
const piecesMax = 50_000

/**
 * What would hold the parser for long, seen before it does; null where nothing would. Flow collections are the only YAML
 * that nests without growing wider.
 */
export function refuseShape(text: string): { sentence: string } | null {
  let depth = 0
  let pieces = 0
  for (const char of text) {
    if (char === '[' || char === '{') depth += 1
    else if (char === ']' || char === '}') depth -= 1
    else if ('\n,:-?'.includes(char)) pieces += 1
    if (depth > nestMax) return { sentence: 'It nests too deep; write it as documented.' }
    if (pieces > piecesMax) {
      return { sentence: `It has more than ${piecesMax} lines, keys and items; shorten it.` }
    }
  }
  return null
}
