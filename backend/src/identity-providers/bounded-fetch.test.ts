import { afterEach, beforeEach, expect, test } from 'vitest'
import { withinBudget } from './bounded-fetch.ts'

const unhandled: unknown[] = []
const note = (reason: unknown) => void unhandled.push(reason)
beforeEach(() => process.on('unhandledRejection', note))
afterEach(() => void process.off('unhandledRejection', note))

test.each([
  ['before it begins', () => AbortSignal.abort(new Error('over'))],
  ['while it waits', () => AbortSignal.timeout(10)],
])(
  'a budget that ends %s is provider-unavailable, and what comes later harms nobody',
  async (_, end) => {
    const work = new Promise<never>((_resolve, reject) => {
      setTimeout(() => reject(new Error('late')), 30)
    })
    await expect(withinBudget(work, end(), 'keys')).rejects.toMatchObject({
      code: 'provider-unavailable',
    })
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(unhandled).toEqual([])
  },
)

test('within the budget it is what the work says', async () => {
  const { signal } = new AbortController()
  expect(await withinBudget(Promise.resolve(1), signal, 'keys')).toBe(1)
  await expect(withinBudget(Promise.reject(new Error('no')), signal, 'keys')).rejects.toThrow('no')
})
