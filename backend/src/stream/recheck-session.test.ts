import { expect, it, vi } from 'vitest'
import type { RequestContext } from '#context'
import { holdTime } from '../../test/held-time.ts'
import { contextOf, grant } from '../../test/contexts.ts'
import { recheckSession } from './recheck-session.ts'
import { createTimers } from './timers.ts'

const fresh = contextOf([grant('viewer')])

it.each([
  [0, 100],
  [0.5, 87.5],
  [0.999, 75.025],
])(
  'asks within every so often, and at once when it is told to: by chance %d after %d ms',
  async (chance, ms) => {
    const { advance, answers, check, onFresh } = start(chance)
    advance(100)
    await answer(answers, fresh)
    expect(onFresh).toHaveBeenCalledTimes(1)
    check()
    await answer(answers, fresh)
    expect(onFresh).toHaveBeenCalledTimes(2)
    advance(ms - 0.01)
    expect(answers).toHaveLength(0)
    advance(0.01)
    expect(answers).toHaveLength(1)
  },
)

it('counts the answer to the latest question alone', async () => {
  const { answers, check, onFresh } = start()
  check()
  check()
  const [first, second] = answers.splice(0) as [Answer, Answer]
  first.resolve(contextOf([]))
  second.resolve(fresh)
  await vi.waitFor(() => expect(onFresh).toHaveBeenCalledOnce())
  expect(onFresh).toHaveBeenCalledWith(fresh)
})

it.each([
  ['the session ended', (given: Answer) => given.resolve(null)],
  ['nobody can say', (given: Answer) => given.reject(new Error('away'))],
])('ends, and asks no more, where %s', async (_, give) => {
  const { advance, answers, check, onEnd } = start()
  check()
  give(answers.shift()!)
  await vi.waitFor(() => expect(onEnd).toHaveBeenCalledOnce())
  advance(1_000)
  expect(answers).toHaveLength(0)
})

type Answer = { resolve(ctx: RequestContext | null): void; reject(error: Error): void }

function start(chance = 0) {
  const { advance: wait, timing } = holdTime()
  const advance = (ms: number) => void wait(ms)
  const answers: Answer[] = []
  const onEnd = vi.fn<() => void>()
  const onFresh = vi.fn<(ctx: RequestContext) => void>()
  const check = recheckSession({
    everyMs: 100,
    timers: createTimers({ ...timing, random: () => chance }),
    ask: () => new Promise((resolve, reject) => answers.push({ resolve, reject })),
    onFresh,
    onEnd,
    log: fresh.log,
  })
  return { advance, answers, check, onEnd, onFresh }
}

async function answer(answers: Answer[], ctx: RequestContext): Promise<void> {
  answers.shift()!.resolve(ctx)
  await new Promise((resolve) => setImmediate(resolve))
}
