import { stripVTControlCharacters } from 'node:util'

/** Longer ones are cut, with what they had more. */
export const lineBytesMax = 16 * 1024

/** Makes lines of bytes as they come, whatever these hold. `end` gives what came after the last line's end. */
export type LineSplitter = { push(chunk: Uint8Array): string[]; end(): string[] }

export function createLineSplitter(): LineSplitter {
  /** The beginning of a line that has not ended, as far as it is kept. */
  let pending: Buffer[] = []
  let kept = 0
  let length = 0

  const keep = (bytes: Buffer) => {
    length += bytes.length
    const room = lineBytesMax - kept
    if (room <= 0 || bytes.length === 0) return
    // What is sliced off alone would keep the whole chunk.
    pending.push(Buffer.from(bytes.subarray(0, room)))
    kept += Math.min(room, bytes.length)
  }
  const take = (): string => {
    const text = cleanText(Buffer.concat(pending).toString('utf8'))
    const line = length > kept ? `${text} … (cut: the line has ${length} bytes)` : text
    pending = []
    kept = 0
    length = 0
    return line
  }

  return {
    push: (chunk) => {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      const lines: string[] = []
      let from = 0
      for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, from)) {
        keep(bytes.subarray(from, at))
        lines.push(take())
        from = at + 1
      }
      keep(bytes.subarray(from))
      return lines
    },
    end: () => (length === 0 ? [] : [take()]),
  }
}

/** Of a progress bar its latest state; colours, controls and what turns a text's direction are taken away. */
function cleanText(text: string): string {
  if (!/[^\P{Cc}\t]|[\u202a-\u202e\u2066-\u2069]/u.test(text)) return text
  const whole = text.endsWith('\r') ? text.slice(0, -1) : text
  const latest = whole.slice(whole.lastIndexOf('\r') + 1)
  const timestamp = latest === whole ? '' : (/^\S+Z /.exec(whole)?.[0] ?? '')
  return stripVTControlCharacters(timestamp + latest).replaceAll(
    /[^\P{Cc}\t]|[\u202a-\u202e\u2066-\u2069]/gu,
    '',
  )
}
