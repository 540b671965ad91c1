import type { LogEvent } from '@hub/shared'
import { beat, writeEvent } from '#event-stream'

/** How a log is written: as events for the portal, or as plain lines for whoever asks for text. */
export type LogWriter = { write(event: LogEvent): string; beat: string | null }

export const eventWriter: LogWriter = {
  write: (event) => {
    if (event.type !== 'lines') return write(event)
    const known = written.get(event.lines) ?? write(event)
    written.set(event.lines, known)
    return known
  },
  beat,
}

/** By the lines themselves: readers of one log are sent the same ones. */
const written = new WeakMap<readonly unknown[], string>()

function write({ type, ...data }: LogEvent): string {
  return writeEvent(type, JSON.stringify(data))
}

/** What is no line of the log begins with "# ". */
export function createTextWriter(options: { timestamps: boolean; namesPods: boolean }): LogWriter {
  return {
    beat: null,
    write: (event) => {
      switch (event.type) {
        case 'lines': {
          const pod = options.namesPods ? `[${event.pod}] ` : ''
          return event.lines
            .map(({ at, text }) => `${pod}${options.timestamps && at ? `${at} ` : ''}${text}\n`)
            .join('')
        }
        case 'pod':
          return event.reason === null ? '' : `# ${event.pod}: ${event.reason}\n`
        case 'dropped':
          return `# ${event.pod}: ${event.lines} lines (${event.bytes} bytes) were left out: more came than is passed on.\n`
        case 'end':
          return `# ${event.reason}\n`
      }
    },
  }
}
