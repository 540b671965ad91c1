import { readLines, type Line } from './read-lines.ts'

/** Where a followed log begins: so many lines before now, at a time, or where the container began. */
export type LogStart = { tailLines?: number; sinceTime?: string }

/** What was read of a log last: one page of it at least, and two at most. */
export type Past = {
  /** Whole lines, each with its end. */
  keep(text: string): void
  /** The lines that a reader has to be given first; null where these are not all there. */
  from(wanted: LogStart): readonly Line[] | null
}

/** What is taken in at once fits, with the line that began before it. */
const pageBytes = 80 * 1024

/** In memory that is written over: what lived for seconds would else be moved twice before it is let go of. */
export function createPast(start: LogStart): Past {
  let older = createPage()
  let newer = createPage()
  let isWhole = true

  return {
    keep: (text) => {
      if (newer.add(text)) return
      isWhole &&= older.isEmpty()
      ;[older, newer] = [newer, older]
      newer.clear()
      if (newer.add(text)) return
      isWhole = false
      older.clear()
    },
    from: (wanted) => {
      const text = older.read() + newer.read()
      const { sinceTime, tailLines } = wanted
      const tail = tailLines === undefined ? null : findTail(text, tailLines)
      if (tail !== null) return readLines(text.slice(tail))
      if (isWhole && isSame(wanted, start)) return readLines(text)
      if (sinceTime === undefined) return null
      const lines = readLines(text)
      const from = isWhole ? start.sinceTime : lines[0]?.at
      // The first lines of a second may be some that are not kept any more.
      return from && Date.parse(from) <= Date.parse(sinceTime) - 1_000 ? lines : null
    },
  }
}

function createPage() {
  let bytes: Buffer | null = null
  let end = 0
  return {
    /** Whether it fits; nothing is added where it does not. */
    add: (text: string): boolean => {
      if (end + Buffer.byteLength(text) > pageBytes) return false
      bytes ??= Buffer.allocUnsafeSlow(pageBytes)
      end += bytes.write(text, end)
      return true
    },
    read: () => bytes?.toString('utf8', 0, end) ?? '',
    clear: () => void (end = 0),
    isEmpty: () => end === 0,
  }
}

/** Where the last so many lines begin; null where there are not so many. */
function findTail(text: string, lines: number): number | null {
  let at = text.length
  for (let count = 0; count < lines; count += 1) {
    if (at === 0) return null
    at = at === 1 ? 0 : text.lastIndexOf('\n', at - 2) + 1
  }
  return at
}

function isSame(one: LogStart, other: LogStart): boolean {
  return one.tailLines === other.tailLines && one.sinceTime === other.sinceTime
}
