import { describe, expect, it } from 'vitest'
import { ClusterError, type ClusterErrorKind, type KubeRequest, type Transport } from '#kube'
import { holdTime } from '../../test/held-time.ts'
import { watchHealth, type Probe } from './watch-health.ts'

type Behaviour = 'well' | 'frozen' | 'bare' | ClusterErrorKind

/** A cluster whose health is watched in held time; every request counts. */
type Played = { random?: number; isBusy?: boolean; countFormer?: () => Promise<number> }

function watchPlayed({ random = 0.5, isBusy = false, countFormer }: Played = {}) {
  const time = holdTime()
  const timing = { ...time.timing, random: () => random }
  let behaviour: Behaviour = 'well'
  let heardAt = Number.NEGATIVE_INFINITY
  let requests = 0
  const probes: { at: number; probe: Probe }[] = []
  const silences: number[] = []

  const answer = (path: string) => {
    if (path === '/version') return { gitVersion: 'v1.36.3' }
    if (path.startsWith('/apis/')) {
      if (behaviour !== 'bare') return { resources: [{ name: 'modeldeployments' }] }
      throw new ClusterError('not-found', { message: 'not found', status: 404 })
    }
    return { metadata: { uid: 'uid-1' } }
  }
  const request = ({ path, signal }: KubeRequest) => {
    requests += 1
    if (behaviour === 'frozen') {
      return new Promise((_, reject) => {
        const abort = () => reject(new ClusterError('aborted', { message: 'was not waited for' }))
        if (signal?.aborted) abort()
        else signal?.addEventListener('abort', abort)
      })
    }
    if (behaviour !== 'well' && behaviour !== 'bare') {
      return Promise.reject(new ClusterError(behaviour, { message: 'x', status: null as never }))
    }
    try {
      const body = answer(String(path))
      heardAt = timing.now()
      return Promise.resolve({ status: 200, body, auditId: null, warnings: [] })
    } catch (error) {
      return Promise.reject(error)
    }
  }
  let known: { apiGroup: 'airunway.ai' | null; uid: string | null } = { apiGroup: null, uid: null }
  const health = watchHealth({
    transport: { request } as unknown as Transport,
    timing,
    ...(countFormer && { countFormer }),
    intervalMs: 30_000,
    timeoutMs: 10_000,
    heardAt: () => (isBusy && behaviour === 'well' ? timing.now() : heardAt),
    known: () => known,
    onSilent: () => void silences.push(timing.now()),
    onProbe: (probe) => {
      probes.push({ at: timing.now(), probe })
      if (probe.facts && !probe.isUnsettled) known = probe.facts as typeof known
    },
  })
  return {
    health,
    probes,
    silences,
    requests: () => requests,
    now: timing.now,
    be: (next: Behaviour) => void (behaviour = next),
    pass: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 250) await time.advance(250)
    },
  }
}

describe('watchHealth', () => {
  const moments = [0, 1, 2, 3, 4, 5, 6, 9, 14, 23, 29, 35]
  it.each(moments.flatMap((second) => [0, 0.999].map((random) => [second, random] as const)))(
    'H51: a cluster that freezes at second %s is told of within 10 s (jitter %s)',
    async (second, random) => {
      const cluster = watchPlayed({ random })
      await cluster.pass(30_000 + second * 1_000)
      expect(cluster.silences).toEqual([])
      cluster.be('frozen')
      const since = cluster.now()
      await cluster.pass(10_000)
      expect(cluster.silences[0]).toBeLessThanOrEqual(since + 10_000)
      await cluster.pass(15_000)
      expect(cluster.probes.at(-1)?.probe.error?.kind).toBe('timeout')
      cluster.health.stop()
    },
  )

  it('H51: a cluster that is heard anyway is asked no more than every 30 s', async () => {
    const cluster = watchPlayed({ isBusy: true })
    await cluster.pass(300_000)
    expect(cluster.requests()).toBeLessThanOrEqual(3 * 11)
    expect(cluster.silences).toEqual([])
    cluster.health.stop()
  })

  it('H51: a quiet one is asked for one sign of life every 5 s', async () => {
    const cluster = watchPlayed()
    await cluster.pass(300_000)
    expect(cluster.requests()).toBeLessThanOrEqual(3 * 11 + 5 * 10)
    cluster.health.stop()
  })

  it('what is left in the former group is looked for every ten minutes, and told until it is another', async () => {
    const counts = [2, new Error('no'), 0].map(
      (each) => () => (each instanceof Error ? Promise.reject(each) : Promise.resolve(each)),
    )
    let looks = 0
    const cluster = watchPlayed({ countFormer: () => counts[looks++]!() })
    const told = () => cluster.probes.at(-1)?.probe.facts?.former
    await cluster.pass(40_000)
    expect([looks, told()]).toEqual([1, 2])
    await cluster.pass(600_000)
    expect([looks, told()]).toEqual([2, 2])
    await cluster.pass(660_000)
    expect([looks, told()]).toEqual([3, 0])
    cluster.health.stop()
  })

  it.each(['refused', 'server', 'protocol'] as const)(
    'H51: one that fails (%s) is asked again soon, and ever more rarely',
    async (kind) => {
      const cluster = watchPlayed()
      cluster.be(kind)
      await cluster.pass(130_000)
      const times = cluster.probes.map(({ at }) => at)
      const pauses = times.slice(1).map((at, i) => (at - times[i]!) / 1_000)
      expect(pauses.slice(0, 6)).toEqual([2, 4, 8, 16, 30, 30])
      cluster.health.stop()
    },
  )

  it.each(['forbidden', 'unauthorized', 'not-found', 'bare'] as const)(
    'H51: what is %s right after a break is starting, asked every 2 s, and told as it is a minute later',
    async (kind) => {
      const cluster = watchPlayed()
      await cluster.pass(1_000)
      cluster.be('refused')
      await cluster.pass(40_000)
      cluster.be(kind)
      cluster.health.probe()
      const first = cluster.probes.length
      await cluster.pass(20_000)
      const settling = cluster.probes.slice(first)
      expect(settling.length).toBeGreaterThanOrEqual(8)
      expect(settling.every(({ probe }) => probe.isUnsettled)).toBe(true)
      await cluster.pass(70_000)
      expect(cluster.probes.at(-1)?.probe.isUnsettled).toBe(false)
      cluster.health.stop()
    },
  )

  it('H51: without a break a refusal is told as it is', async () => {
    const cluster = watchPlayed()
    await cluster.pass(1_000)
    cluster.be('forbidden')
    cluster.health.probe()
    await cluster.pass(3_000)
    expect(cluster.probes.at(-1)?.probe).toMatchObject({
      error: { kind: 'forbidden' },
      isUnsettled: false,
    })
    cluster.health.stop()
  })

  it('H51: a break that a watch saw counts as one', async () => {
    const cluster = watchPlayed()
    await cluster.pass(5_000)
    cluster.be('forbidden')
    cluster.health.probe({ isLost: true })
    await cluster.pass(3_000)
    expect(cluster.probes.at(-1)?.probe.isUnsettled).toBe(true)
    cluster.health.stop()
  })

  it('a newer credential of a cluster that is well is tried once, however often it is replaced meanwhile', async () => {
    const cluster = watchPlayed({ isBusy: true })
    await cluster.pass(1_000)
    const before = { requests: cluster.requests(), probes: cluster.probes.length }
    for (let swap = 0; swap < 20; swap += 1) cluster.health.tryCredential()
    await cluster.pass(1_000)
    expect(cluster.requests()).toBe(before.requests + 1)
    expect(cluster.probes).toHaveLength(before.probes)
    cluster.health.tryCredential()
    await cluster.pass(1_000)
    expect(cluster.requests()).toBe(before.requests + 2)
    cluster.health.stop()
  })

  it('a newer credential that is refused is told as soon as it was tried', async () => {
    const cluster = watchPlayed({ isBusy: true })
    await cluster.pass(5_000)
    cluster.be('unauthorized')
    cluster.health.tryCredential()
    await cluster.pass(2_000)
    expect(cluster.probes.at(-1)?.probe.error?.kind).toBe('unauthorized')
    cluster.health.stop()
  })
})
