import type { ChatEvent } from '@hub/shared'
import { expect, test } from 'vitest'
import { converse, isComing, recall, type Step, type Turn } from './conversation.ts'

const usage: ChatEvent = {
  type: 'usage',
  promptTokens: 3,
  completionTokens: 2,
  firstTokenMs: 40,
  totalMs: 80,
  tokensPerSecond: 25,
}
const of = (key: string, event: ChatEvent): Step => ({ type: 'event', id: 1, of: key, event })
const run = (...steps: Step[]) => steps.reduce(converse, [] as readonly Turn[])
const asked: Step = { type: 'ask', id: 1, question: 'Why?', of: ['a', 'b'] }

test('each model answers for itself, piece by piece', () => {
  const turns = run(
    asked,
    of('a', { type: 'reasoning', text: 'Hm.' }),
    of('a', { type: 'delta', text: 'Be' }),
    of('a', { type: 'delta', text: 'cause.' }),
    of('a', { type: 'finish', reason: 'stop' }),
    of('a', usage),
    of('b', { type: 'error', code: 'instance-error', detail: 'It broke.' }),
  )
  expect(turns[0]?.answers).toMatchObject({
    a: { state: 'done', text: 'Because.', reasoning: 'Hm.', finish: 'stop' },
    b: { state: 'failed', problem: 'It broke.', text: '' },
  })
  expect(isComing(turns)).toBe(false)
})

test('what is stopped stays as it is, whatever still comes', () => {
  const turns = run(
    asked,
    of('a', { type: 'delta', text: 'Be' }),
    { type: 'end', id: 1, of: 'a', as: 'stopped' },
    of('a', { type: 'delta', text: 'cause' }),
  )
  expect(turns[0]?.answers['a']).toMatchObject({ state: 'stopped', text: 'Be' })
  expect(isComing(turns)).toBe(true)
})

test('a model that is asked again begins anew, and another keeps its answer', () => {
  const said: Step[] = [
    asked,
    of('a', { type: 'delta', text: 'A' }),
    of('b', { type: 'delta', text: 'B' }),
  ]
  const turns = run(...said, { type: 'again', id: 1, of: 'a' })
  expect(turns[0]?.answers).toMatchObject({ a: { state: 'coming', text: '' }, b: { text: 'B' } })
})

test('a model is told what it was asked and said, and nothing of another', () => {
  const turns = run(asked, of('a', { type: 'delta', text: 'A' }), of('a', usage))
  expect(recall(turns, 'a')).toEqual([
    { role: 'user', content: 'Why?' },
    { role: 'assistant', content: 'A' },
  ])
  expect(recall(turns, 'b')).toEqual([])
})
