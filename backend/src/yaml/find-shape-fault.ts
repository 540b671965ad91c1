export type ShapeFault = 'too-deep' | 'too-many'

/**
 * What would hold a YAML parser for long, seen before it does; null where nothing would. Flow collections are the only YAML
 * that nests without growing wider; pieces are lines, keys and items.
 */
export function findShapeFault(
  text: string,
  { depthMax, piecesMax }: { depthMax: number; piecesMax: number },
): ShapeFault | null {
  let depth = 0
  let pieces = 0
  for (const char of text) {
    if (char === '[' || char === '{') depth += 1
    else if (char === ']' || char === '}') depth -= 1
    else if (char === '\n' || char === ',' || char === ':' || char === '-' || char === '?')
      pieces += 1
    if (depth > depthMax) return 'too-deep'
    if (pieces > piecesMax) return 'too-many'
  }
  return null
}
