import type { ChatEvent } from '@hub/shared'
import type { Chunk } from './read-chunk.ts'

type Usage = Extract<ChatEvent, { type: 'usage' }>

/** How long an answer took and how many tokens it has, as far as it is known. */
export type AnswerMeter = {
  take(chunk: Chunk): void
  tell(): Usage
}

/** `now` are milliseconds since some moment; it begins now. */
export function measureAnswer(now: () => number): AnswerMeter {
  const startedAt = now()
  let first: number | null = null
  let last = startedAt
  let tokens: NonNullable<Chunk['usage']> = { promptTokens: null, completionTokens: null }
  return {
    take: ({ reasoning, text, usage }) => {
      if (usage) tokens = usage
      if (text === '' && reasoning === '') return
      last = now()
      first ??= last
    },
    tell: () => {
      const { completionTokens } = tokens
      const seconds = first === null ? 0 : (last - first) / 1000
      const isSpread = completionTokens !== null && completionTokens > 1 && seconds > 0
      return {
        type: 'usage',
        ...tokens,
        firstTokenMs: first === null ? null : Math.round(first - startedAt),
        totalMs: Math.round(now() - startedAt),
        // The first token was waited for: the others came in between.
        tokensPerSecond: isSpread ? Math.round(((completionTokens - 1) / seconds) * 10) / 10 : null,
      }
    },
  }
}
