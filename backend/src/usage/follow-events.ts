import { endBytesMax, nothing, parse, readEnd, type AnswerFollower } from './answer-follower.ts'
import { isUsageAlone, readUsage } from './read-usage.ts'

/** What stands in the last events of a stream, by protocol: a finish, however it came to it, or a failure that is told. */
const endings = [
  '[DONE]',
  '"finish_reason":"',
  '"finish_reason": "',
  'message_stop',
  'response.completed',
  'response.incomplete',
  'response.failed',
  '"error"',
]

/** A longer event is passed on before its end is there; of what it says, its beginning and its end are read. */
const eventBytesMax = 64 * 1024

/**
 * Of a stream of events. Bytes pass as they come; only where an event has to be taken out again does one wait until its
 * end is there.
 */
export function createEventFollower({ isAdded }: { isAdded: boolean }): AnswerFollower {
  let held: Uint8Array = nothing
  /** How much of what is held has passed already: the event under way is too long to be read. */
  let passedBytes = 0
  let events = 0
  let isWhole = false
  /** Whether the event under way, which is too long to be kept, is the last one where it ends. */
  let isEnding = false
  let prompt: number | null = null
  let completion: number | null = null

  const count = (told: unknown) => {
    const usage = readUsage(told)
    prompt = usage?.promptTokens ?? prompt
    completion = usage?.completionTokens ?? completion
  }
  /** Whether it passes. */
  const read = (event: Buffer): boolean => {
    // Of single bytes, for what is looked for is ASCII: nothing has to be decoded for it.
    const text = event.toString('latin1')
    // Comments keep a connection open (WHATWG HTML §9.2.7), and are no events.
    if (/^data:/m.test(text)) events += 1
    isWhole ||= isLast(text)
    if (!text.includes('"usage"')) return true
    const told = parse(dataOf(event.toString('utf8')))
    count(told)
    return !(isAdded && isUsageAlone(told))
  }
  const readLong = (end: Buffer) => {
    const text = end.toString('utf8')
    events += 1
    isWhole ||= isEnding || isLast(text)
    count(readEnd(text))
  }

  /** The bytes of `all` that pass, with whole events read; what is left is held. */
  const readWhole = (all: Buffer): Uint8Array[] => {
    const passed: Uint8Array[] = []
    let from = 0
    for (let to = endOfEvent(all, from); to !== -1; to = endOfEvent(all, from)) {
      const event = all.subarray(from, to)
      if (passedBytes > 0) readLong(event)
      if (passedBytes > 0 || read(event)) passed.push(event.subarray(passedBytes))
      passedBytes = 0
      from = to
    }
    held = all.subarray(from)
    return passed
  }

  return {
    push: (chunk) => {
      const passed = readWhole(Buffer.concat([held, chunk]))
      if (passedBytes > 0 || held.byteLength > eventBytesMax) {
        passed.push(held.subarray(passedBytes))
        if (passedBytes === 0) isEnding = isLast(Buffer.from(held).toString('latin1'))
        held = held.slice(-endBytesMax)
        passedBytes = held.byteLength
      }
      return isAdded ? join(passed) : chunk
    },
    isWhole: () => isWhole,
    events: () => events,
    end: () => (isAdded ? held.subarray(passedBytes) : nothing),
    // What a stream that was left does not tell is about one token an event.
    usage: () => ({ promptTokens: prompt ?? 0, completionTokens: completion ?? events }),
  }
}

function isLast(text: string): boolean {
  return endings.some((ending) => text.includes(ending))
}

function join(passed: readonly Uint8Array[]): Uint8Array {
  return passed.length === 1 ? passed[0]! : Buffer.concat(passed)
}

/** Behind the empty line that ends the next event; -1 where there is none. */
function endOfEvent(bytes: Buffer, from: number): number {
  const plain = bytes.indexOf('\n\n', from)
  const crlf = bytes.indexOf('\r\n\r\n', from)
  if (crlf !== -1 && (plain === -1 || crlf < plain)) return crlf + 4
  return plain === -1 ? -1 : plain + 2
}

function dataOf(event: string): string {
  return event
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5))
    .join('\n')
}
