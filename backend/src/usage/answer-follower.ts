import type { AnswerUsage } from './read-usage.ts'

/** Reads what an answer cost while it passes. */
export type AnswerFollower = {
  /** What of the bytes passes now: all of them, but for what the hub alone asked for. */
  push(chunk: Uint8Array): Uint8Array
  /** What is left once the answer has ended. */
  end(): Uint8Array
  /** Whether it came to its end, as its protocol tells; an answer that is no stream is whole where it ended. */
  isWhole(): boolean
  /** As far as it came. */
  usage(): AnswerUsage
}

export const nothing: Uint8Array = new Uint8Array(0)

export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
