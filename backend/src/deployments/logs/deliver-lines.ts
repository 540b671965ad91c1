import type { LogEvent } from '@hub/shared'
import { createLineLimit, type LineLimit } from './limit-lines.ts'
import { toBatch, type Line, type LineBatch } from './read-lines.ts'

/** One reader's end of a log: what is written waits for the reader, and what waits is bounded. */
export type LogOutbox = {
  /** Waits for room. */
  send(event: LogEvent): Promise<void>
  write(event: LogEvent): void
  canTake(bytes: number): boolean
  limit: LineLimit
}

export function createLogOutbox({
  canTake,
  format,
  now,
  room,
  write,
}: {
  write: (text: string) => void
  format: (event: LogEvent) => string
  /** Resolves when the reader has room, or is gone. */
  room: () => Promise<void>
  canTake: (bytes: number) => boolean
  now: () => number
}): LogOutbox {
  return {
    limit: createLineLimit(now),
    canTake,
    write: (event) => write(format(event)),
    send: async (event) => {
      await room()
      write(format(event))
    },
  }
}

/** Passes on what of a pod's lines there is room for, and says what is left out. */
export function createLineSender(
  { canTake, limit, send, write }: LogOutbox,
  of: { pod: string; container: string | null },
): {
  send(batch: LineBatch): void
  /** Says what was left out and not said yet. */
  flush(): Promise<void>
} {
  let lines = 0
  let bytes = 0
  const countLeft = () => {
    const dropped = { type: 'dropped', pod: of.pod, lines, bytes } as const
    lines = 0
    bytes = 0
    return dropped
  }
  /** The same lines for every reader are written once. */
  const choose = (given: LineBatch): readonly Line[] => {
    if (!canTake(given.bytes)) return []
    if (limit.take(given.bytes, given.lines.length)) return given.lines
    return given.lines.filter(({ text }) => limit.take(text.length))
  }
  return {
    flush: async () => {
      if (lines > 0) await send(countLeft())
    },
    send: (given) => {
      const passed = choose(given)
      if (passed.length > 0) {
        if (lines > 0) write(countLeft())
        write({ type: 'lines', ...of, lines: passed as Line[] })
      }
      if (passed.length === given.lines.length) return
      lines += given.lines.length - passed.length
      bytes += given.bytes - toBatch(passed).bytes
    },
  }
}
