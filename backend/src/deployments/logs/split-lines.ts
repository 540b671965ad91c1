import { stripVTControlCharacters } from 'node:util'

/** Longer ones are cut, with what they had more. */
export const lineBytesMax = 16 * 1024

/** Makes lines of bytes as they come, whatever these hold: whole ones, each with its end, as one text. */
export type LineSplitter = {
  push(chunk: Uint8Array): string
  /** What came after the last line's end, as a line. */
  end(): string
}

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
    const text = cleanLine(Buffer.concat(pending).toString('utf8'))
    const line = length > kept ? `${text} … (cut: the line has ${length} bytes)` : text
    pending = []
    kept = 0
    length = 0
    return `${line}\n`
  }

  return {
    push: (chunk) => {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      let text = ''
      let from = 0
      for (let next = bytes.indexOf(10); next !== -1; next = bytes.indexOf(10, from)) {
        // Lines that end within the bytes of the longest one are none of them too long: they are read together.
        const last = length === 0 ? bytes.lastIndexOf(10, from + lineBytesMax) : -1
        if (last < from) {
          keep(bytes.subarray(from, next))
          text += take()
          from = next + 1
        } else {
          text += cleanLines(bytes.toString('utf8', from, last + 1))
          from = last + 1
        }
      }
      keep(bytes.subarray(from))
      return text
    },
    end: () => (length === 0 ? '' : take()),
  }
}

function cleanLines(text: string): string {
  if (!/[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/u.test(text)) return text
  return text.split('\n').map(cleanLine).join('\n')
}

/** Of a progress bar its latest state; colours, controls and what turns a text's direction are taken away. */
function cleanLine(text: string): string {
  if (!/[^\P{Cc}\t]|[\u202a-\u202e\u2066-\u2069]/u.test(text)) return text
  const whole = text.endsWith('\r') ? text.slice(0, -1) : text
  const latest = whole.slice(whole.lastIndexOf('\r') + 1)
  const timestamp = latest === whole ? '' : (/^\S+Z /.exec(whole)?.[0] ?? '')
  return stripVTControlCharacters(timestamp + latest).replaceAll(
    /[^\P{Cc}\t]|[\u202a-\u202e\u2066-\u2069]/gu,
    '',
  )
}
