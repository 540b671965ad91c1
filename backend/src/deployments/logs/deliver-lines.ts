import type { LogEvent } from '@hub/shared'
import { createLineLimit, type LineLimit } from './limit-lines.ts'

export type Line = { at: string | null; text: string }

/** One reader's end of a log: what is written waits for the reader, and what waits is bounded. */
export type LogOutbox = {
  send(event: LogEvent): Promise<void>
  limit: LineLimit
}

export function createLogOutbox(options: {
  write: (text: string) => void
  format: (event: LogEvent) => string
  /** Resolves when the reader has room, or is gone. */
  room: () => Promise<void>
  now: () => number
}): LogOutbox {
  return {
    limit: createLineLimit(options.now),
    send: async (event) => {
      await options.room()
      const text = options.format(event)
      if (text !== '') options.write(text)
    },
  }
}

/** "2026-06-01T12:00:00.123456789Z text": with the time that the cluster puts first. */
export function readLine(line: string): Line {
  const space = line.indexOf(' ')
  const at = space === -1 ? line : line.slice(0, space)
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(at)) return { at: null, text: line }
  return { at, text: space === -1 ? '' : line.slice(space + 1) }
}

/** Passes on what of a pod's lines there is room for, and says what is left out. */
export function createLineSender(
  outbox: LogOutbox,
  of: { pod: string; container: string | null },
): {
  send(lines: readonly Line[]): Promise<void>
  /** Counts what was left out before it came here. */
  drop(left: { lines: number; bytes: number }): void
  flush(): Promise<void>
} {
  let lines = 0
  let bytes = 0
  const flush = async () => {
    if (lines === 0) return
    const dropped = { type: 'dropped', pod: of.pod, lines, bytes } as const
    lines = 0
    bytes = 0
    await outbox.send(dropped)
  }
  return {
    flush,
    drop: (left) => {
      lines += left.lines
      bytes += left.bytes
    },
    send: async (given) => {
      const passed: Line[] = []
      let left = 0
      let leftBytes = 0
      for (const line of given) {
        if (outbox.limit.take(line.text.length)) passed.push(line)
        else {
          left += 1
          leftBytes += line.text.length
        }
      }
      if (passed.length > 0) {
        await flush()
        // The same lines for every reader are written once.
        const all = left === 0 ? (given as Line[]) : passed
        await outbox.send({ type: 'lines', ...of, lines: all })
      }
      lines += left
      bytes += leftBytes
    },
  }
}
