export type Line = { at: string | null; text: string }

/** Lines that are passed on together, and how long their texts are. */
export type LineBatch = { lines: readonly Line[]; bytes: number }

/** The lines of a text that is whole ones, each with its end. */
export function readLines(text: string): Line[] {
  const lines: Line[] = []
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    lines.push(readLine(text.slice(from, end)))
    from = end + 1
  }
  return lines
}

export function toBatch(lines: readonly Line[]): LineBatch {
  let bytes = 0
  for (const { text } of lines) bytes += text.length
  return { lines, bytes }
}

/** "2026-06-01T12:00:00.123456789Z text": with the time that the cluster puts first. */
function readLine(line: string): Line {
  const space = line.indexOf(' ')
  const at = space === -1 ? line : line.slice(0, space)
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(at)) return { at: null, text: line }
  return { at, text: space === -1 ? '' : line.slice(space + 1) }
}
