import { endBytesMax, nothing, parse, readEnd, type AnswerFollower } from './answer-follower.ts'
import { createEventFollower } from './follow-events.ts'
import { readUsage } from './read-usage.ts'

/** Of an answer no more is kept than this; of a longer one its end, where usage stands. */
const wholeBytesMax = 256 * 1024

/** `isAdded` where the hub asked for the usage, and not the client: the event that tells it is taken out again. */
export function followAnswer(options: { isEvents: boolean; isAdded: boolean }): AnswerFollower {
  return options.isEvents ? createEventFollower(options) : createJsonFollower()
}

function createJsonFollower(): AnswerFollower {
  let chunks: Uint8Array[] = []
  let size = 0
  let isCut = false
  return {
    push: (chunk) => {
      chunks.push(chunk)
      size += chunk.byteLength
      if (size > wholeBytesMax) {
        const end = Buffer.concat(chunks).subarray(-endBytesMax)
        // A copy: what is left of a large buffer would keep all of it.
        chunks = [Uint8Array.from(end)]
        size = end.byteLength
        isCut = true
      }
      return chunk
    },
    end: () => nothing,
    isWhole: () => size > 0,
    events: () => 0,
    usage: () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const read = readUsage(isCut ? readEnd(text) : parse(text))
      return {
        promptTokens: read?.promptTokens ?? 0,
        completionTokens: read?.completionTokens ?? 0,
      }
    },
  }
}
