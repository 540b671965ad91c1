/** A piece of an answer: text as it is, or what stands between fences. */
export interface Piece {
  isCode: boolean
  text: string
}

/** Parts an answer at its code fences (CommonMark §4.5); one that is not closed yet goes on to the end. */
export function splitCode(text: string): Piece[] {
  const pieces: { isCode: boolean; lines: string[] }[] = [{ isCode: false, lines: [] }]
  for (const line of text.split('\n')) {
    const current = pieces.at(-1)!
    const isFence = current.isCode ? /^ {0,3}```\s*$/.test(line) : /^ {0,3}```[^`]*$/.test(line)
    if (isFence) pieces.push({ isCode: !current.isCode, lines: [] })
    else current.lines.push(line)
  }
  return pieces
    .map(({ isCode, lines }) => ({ isCode, text: lines.join('\n') }))
    .filter((piece) => piece.text.trim() !== '')
}
