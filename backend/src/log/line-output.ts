import { write, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { DestinationStream } from 'pino'

/** So much waits for a reader that takes its time; what comes then is lost. */
const bytesMax = 16 * 1024 * 1024
const retryMs = 100
/** A write that takes longer waits for a reader that stands still. */
const stuckMs = 1_000
const settleEveryMs = 10

type Write = (
  fd: number,
  bytes: Buffer,
  callback: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void

export type LineOutput = DestinationStream & {
  /** For the end of the process: what still waits, as far as it is taken at once. */
  flushSync(): void
  /** Whether nothing is being written any more, within that time. While something is, the process cannot exit by itself. */
  settle(withinMs: number): Promise<boolean>
}

/**
 * A file that lines are written to while others work. Nothing that becomes of them stops who writes, or takes its memory: a
 * reader that stands still or is gone, a disk that is full. How many were lost is a line, as soon as there is room for it.
 */
export function openLineOutput(
  fd: number,
  options: { write?: Write; bytesMax?: number } = {},
): LineOutput {
  const limit = options.bytesMax ?? bytesMax
  const writeSome: Write = options.write ?? write
  let waiting: string[] = []
  let length = 0
  let lost = 0
  let rest: Buffer | null = null
  let writingSince: number | null = null
  let isGone = false

  const add = (line: string) => {
    if (length + line.length > limit) lost += 1
    else {
      waiting.push(line)
      length += line.length
    }
  }
  const takeAll = (): Buffer | null => {
    const lines = waiting
    waiting = []
    length = 0
    if (lines.length > 0 && lost > 0) {
      const time = new Date().toISOString()
      const line = { level: 'warn', time, lines: lost, msg: 'lines of the log were lost' }
      lines.push(`${JSON.stringify(line)}\n`)
      lost = 0
    }
    return lines.length > 0 ? Buffer.from(lines.join('')) : null
  }
  const go = () => {
    rest ??= takeAll()
    if (rest === null) return
    writingSince = performance.now()
    writeSome(fd, rest, (error, written) => {
      writingSince = null
      if (error === null) {
        rest = written < rest!.length ? rest!.subarray(written) : null
        return go()
      }
      if (error.code === 'EPIPE') {
        isGone = true
        waiting = []
      } else setTimeout(go, retryMs).unref()
    })
  }

  return {
    write(line) {
      if (isGone) return
      add(line)
      if (rest === null) go()
    },
    flushSync() {
      const isWriting = writingSince !== null
      if (isGone || (isWriting && performance.now() - writingSince! > stuckMs)) return
      const bytes = [isWriting ? null : rest, takeAll()].filter((each) => each !== null)
      if (!isWriting) rest = null
      try {
        writeSync(fd, Buffer.concat(bytes))
      } catch {
        // There is nobody to tell.
      }
    },
    async settle(withinMs) {
      const until = performance.now() + withinMs
      const isWriting = () => writingSince !== null
      while (isWriting() && performance.now() < until) await delay(settleEveryMs)
      return !isWriting()
    },
  }
}
