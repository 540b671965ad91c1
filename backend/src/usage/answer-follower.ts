import type { AnswerUsage } from './read-usage.ts'

/** Reads what an answer cost while it passes. */
export type AnswerFollower = {
  /** What of the bytes passes now: all of them, but for what the hub alone asked for. */
  push(chunk: Uint8Array): Uint8Array
  /** What is left once the answer has ended. */
  end(): Uint8Array
  /** Whether it came to its end, as its protocol tells; an answer that is no stream is whole where it ended. */
  isWhole(): boolean
  /** How many events of a stream came so far. */
  events(): number
  /** As far as it came. */
  usage(): AnswerUsage
}

/** Of what is too long to be kept, its end is: usage stands there. */
export const endBytesMax = 16 * 1024

export const nothing: Uint8Array = new Uint8Array(0)

export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Flat but for details: a quote within a string has a backslash before it, so this is a key. */
const usageObject = /(?<!\\)"usage"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})/g

/** The usage that stands last in the end of a longer text, as an answer tells it. */
export function readEnd(text: string): unknown {
  const last = [...text.matchAll(usageObject)].at(-1)?.[1]
  return last === undefined ? null : { usage: parse(last) }
}
