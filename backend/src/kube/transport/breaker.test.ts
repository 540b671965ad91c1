import { describe, expect, it } from 'vitest'
import { createBreaker } from './breaker.ts'
import { ClusterError, type ClusterErrorKind } from '../cluster-error.ts'

describe('createBreaker', () => {
  it('opens after five connection failures in a row and then asks nobody', async () => {
    const { calls, fail } = open()
    for (let i = 0; i < 5; i += 1) expect(await fail('refused')).toMatchObject({ kind: 'refused' })
    const error = await fail('timeout')
    expect(calls()).toBe(5)
    expect(error).toMatchObject({ kind: 'refused', message: 'refused', retryAfterSeconds: 2 })
  })

  it.each<ClusterErrorKind>(['dns', 'refused', 'timeout', 'tls'])('counts %s', async (kind) => {
    const { calls, fail } = open()
    for (let i = 0; i < 9; i += 1) await fail(kind)
    expect(calls()).toBe(5)
  })

  it.each<[ClusterErrorKind, number | undefined]>([
    ['unauthorized', 401],
    ['forbidden', 403],
    ['throttled', 429],
    ['server', 500],
    ['timeout', 504],
    ['aborted', undefined],
    ['protocol', undefined],
    ['blocked-address', undefined],
  ])('does not count %s (%s): somebody answered, or nobody was asked', async (kind, status) => {
    const { calls, fail } = open()
    for (let i = 0; i < 20; i += 1) await fail(kind, status)
    expect(calls()).toBe(20)
  })

  it('starts counting anew after an answer, and after thirty seconds', async () => {
    const { advance, calls, fail, succeed } = open()
    for (let i = 0; i < 4; i += 1) await fail('refused')
    await succeed()
    for (let i = 0; i < 4; i += 1) await fail('refused')
    await fail('server', 500)
    for (let i = 0; i < 4; i += 1) await fail('refused')
    advance(30_000)
    for (let i = 0; i < 4; i += 1) await fail('refused')
    expect(calls()).toBe(18)
  })

  it('lets one request through when it is time, and closes when that is answered', async () => {
    const { advance, breaker, calls, fail, succeed } = open()
    for (let i = 0; i < 5; i += 1) await fail('refused')
    advance(1_499)
    await fail('refused')
    expect(calls()).toBe(5)
    advance(1)
    let answer = (_: string) => {}
    const trial = breaker.run(() => new Promise<string>((resolve) => (answer = resolve)))
    expect(await fail('refused')).toMatchObject({ kind: 'refused', retryAfterSeconds: 1 })
    expect(calls()).toBe(5)
    answer('well')
    expect(await trial).toBe('well')
    await succeed()
    expect(calls()).toBe(6)
  })

  it('waits longer after every failed try, jittered, between 1 and 30 seconds', async () => {
    for (const [random, waits] of [
      [0, [1_000, 1_000, 1_000, 1_000, 1_000, 1_000]],
      [0.5, [1_500, 2_500, 4_500, 8_500, 15_500, 15_500]],
      [1, [2_000, 4_000, 8_000, 16_000, 30_000, 30_000]],
    ] as const) {
      const { advance, calls, fail } = open(random)
      for (let i = 0; i < 5; i += 1) await fail('refused')
      for (const [i, wait] of waits.entries()) {
        advance(wait - 1)
        await fail('refused')
        expect(calls()).toBe(5 + i)
        advance(1)
        await fail('refused')
        expect(calls()).toBe(6 + i)
      }
    }
  })

  it('always lets a probe find out, one at a time', async () => {
    const { breaker, calls, fail, succeed } = open()
    for (let i = 0; i < 5; i += 1) await fail('refused')
    await fail('refused', undefined, true)
    expect(calls()).toBe(6)
    let answer = () => {}
    const probe = breaker.run(() => new Promise<void>((resolve) => (answer = resolve)), {
      mayTry: true,
    })
    await fail('refused', undefined, true)
    expect(calls()).toBe(6)
    answer()
    await probe
    await succeed()
    expect(calls()).toBe(7)
  })

  it('is not held open by a try that was given up', async () => {
    const { advance, calls, fail } = open()
    for (let i = 0; i < 5; i += 1) await fail('refused')
    advance(1_500)
    await fail('aborted')
    await fail('refused')
    expect(calls()).toBe(7)
  })
})

function open(random = 0.5) {
  let now = 0
  let calls = 0
  const breaker = createBreaker({ now: () => now, random: () => random })
  return {
    breaker,
    calls: () => calls,
    advance: (ms: number) => (now += ms),
    succeed: () => breaker.run(async () => (calls += 1)),
    fail: (kind: ClusterErrorKind, status?: number, mayTry = false) =>
      breaker
        .run(
          async () => {
            calls += 1
            throw new ClusterError(kind, { message: kind, ...(status !== undefined && { status }) })
          },
          { mayTry },
        )
        .catch((error: unknown) => error),
  }
}
