import { setImmediate } from 'node:timers/promises'
import { ClusterError } from '../cluster-error.ts'

/** The longest that lines which came together are read without letting anybody else have the event loop. */
const turnMs = 2

/** Splits a byte stream into lines of JSON. A line longer than `lineBytesMax` ends it with a `protocol` error. */
export async function* readJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  lineBytesMax: number,
): AsyncGenerator<unknown, void, undefined> {
  let parts: Uint8Array[] = []
  let size = 0
  let turnStartedAt = performance.now()
  for await (const chunk of chunks) {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(0x0a, start)
      const part = chunk.subarray(start, end === -1 ? undefined : end)
      size += part.byteLength
      if (size > lineBytesMax) {
        throw new ClusterError('protocol', {
          message: `sent a line of more than ${lineBytesMax} bytes`,
        })
      }
      parts.push(part)
      if (end === -1) break
      const line = Buffer.concat(parts, size).toString('utf8')
      parts = []
      size = 0
      start = end + 1
      if (line.trim() !== '') yield parseLine(line)
      if (performance.now() - turnStartedAt >= turnMs) {
        await setImmediate()
        turnStartedAt = performance.now()
      }
    }
  }
  const rest = Buffer.concat(parts, size).toString('utf8')
  if (rest.trim() !== '') yield parseLine(rest)
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new ClusterError('protocol', { message: 'sent a line that is not JSON', cause })
  }
}
