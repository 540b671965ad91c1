import { findShapeFault } from '#yaml'

/** Lists within lists: the file itself needs four levels. */
const depthMax = 20
/** Lines, keys and items: a thousand mappings with their namespaces have some ten thousand. */
const piecesMax = 50_000

/** What would hold the parser for long; null where nothing would. */
export function refuseShape(text: string): { sentence: string } | null {
  switch (findShapeFault(text, { depthMax, piecesMax })) {
    case 'too-deep':
      return { sentence: 'It is nested too deeply; write it as documented.' }
    case 'too-many':
      return { sentence: `It has more than ${piecesMax} lines, keys and items; shorten it.` }
    case null:
      return null
  }
}
