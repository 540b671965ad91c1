import { expect, test } from 'vitest'
import { describeAnswer } from './answer-words.ts'
import type { Answer } from './conversation.ts'

const answer: Answer = {
  state: 'done',
  text: 'Hello.',
  reasoning: '',
  finish: 'stop',
  usage: {
    promptTokens: 3,
    completionTokens: 120,
    firstTokenMs: 48,
    totalMs: 2400,
    tokensPerSecond: 51.2,
  },
  problem: null,
}

test.each<[string, Partial<Answer>, string]>([
  ['a whole answer', {}, '120 tokens · 51.2 tokens/s · first token after 48 ms · 2.4 s in all'],
  ['one that was stopped', { state: 'stopped', finish: null, usage: null }, 'Stopped'],
  ['one that is too long', { finish: 'length', usage: null }, 'cut off at the token limit'],
  ['one that ended otherwise', { finish: 'tool_calls', usage: null }, 'ended by tool_calls'],
  [
    'one whose tokens nobody counted',
    {
      usage: {
        promptTokens: null,
        completionTokens: null,
        firstTokenMs: 900,
        totalMs: 1000,
        tokensPerSecond: null,
      },
    },
    'first token after 900 ms · 1.0 s in all',
  ],
])('%s', (_, more, words) => {
  expect(describeAnswer({ ...answer, ...more })).toBe(words)
})
