import { describe, expect, it, vi } from 'vitest'
import { systemTiming } from '#kube'
import { holdTime } from '../../test/held-time.ts'
import { createSummary, type SummarySource } from './summary.ts'

describe('createSummary', () => {
  it('is made at most once a second, however much changes, and tells only news', () => {
    const { advance, source, summary, told } = open()
    summary.touch()
    advance(50)
    expect(told()).toBe(1)
    for (let i = 1; i <= 100; i += 1) {
      source.deploymentCounts = { 'team-a': i }
      summary.touch()
      advance(5)
    }
    expect(told()).toBe(1)
    advance(500)
    expect(told()).toBe(2)
    summary.touch()
    advance(2_000)
    expect(told()).toBe(2)
  })

  it('tells when a runtime has been silent too long, though nothing happened', () => {
    const { advance, source, summary, told } = open()
    source.runtimes = [runtime('1970-01-01T00:00:00Z')]
    summary.touch()
    advance(50)
    expect(summary.get().runtimes).toMatchObject([{ isStale: false }])
    advance(179_000)
    expect(told()).toBe(1)
    advance(2_000)
    expect(summary.get().runtimes).toMatchObject([{ isStale: true }])
    expect(told()).toBe(2)
  })

  it('does not tell a heartbeat alone, and shows it', () => {
    const { advance, source, summary, told } = open()
    source.runtimes = [runtime('1970-01-01T00:00:00Z')]
    summary.touch()
    advance(60_000)
    source.runtimes = [runtime('1970-01-01T00:01:00Z')]
    summary.touch()
    advance(1_000)
    expect(summary.get().runtimes).toMatchObject([{ lastHeartbeatAt: '1970-01-01T00:01:00Z' }])
    expect(told()).toBe(1)
  })

  it('lists runtimes by name, in whatever order their heartbeats come', () => {
    const { advance, source, summary, told } = open()
    const [kaito, vllm] = ['kaito', 'vllm'].map((name) => ({
      ...runtime('1970-01-01T00:00:00Z'),
      name,
    }))
    for (const order of [
      [vllm!, kaito!],
      [kaito!, vllm!],
    ]) {
      source.runtimes = order
      summary.touch()
      advance(1_000)
      expect(summary.get().runtimes?.map(({ name }) => name)).toEqual(['kaito', 'vllm'])
    }
    expect(told()).toBe(1)
  })

  it('H7: follows what changes after the clock was set back by an hour', async () => {
    const source = { ...emptySource }
    let told = 0
    const summary = createSummary({
      read: () => source,
      onChange: () => (told += 1),
      now: () => new Date(Date.now()),
      timing: systemTiming,
    })
    summary.touch()
    await expect.poll(() => told, soon).toBe(1)
    const before = Date.now
    vi.spyOn(Date, 'now').mockImplementation(() => before() - 3_600_000)
    source.deploymentCounts = { a: 5 }
    summary.touch()
    try {
      await expect.poll(() => told, soon).toBe(2)
    } finally {
      vi.restoreAllMocks()
      summary.stop()
    }
  })

  it('H7: a heartbeat of any time to come makes no tight loop, and waits no longer than silence would', () => {
    const { advance, source, summary, waits } = open()
    source.runtimes = [runtime('9999-01-01T00:00:00Z')]
    summary.touch()
    advance(50)
    expect(waits.at(-1)).toBe(180_000)
  })

  it('H29: tells where there are more or fewer deployments, if nothing else is news', () => {
    const { advance, source, summary, words } = open()
    summary.touch()
    advance(50)
    for (const counts of [{ a: 1, b: 1 }, { a: 1, b: 2 }, { b: 2 }, { b: 2 }]) {
      source.deploymentCounts = counts
      summary.touch()
      advance(2_000)
    }
    source.deploymentCounts = { b: 3 }
    source.reasons = ['The nodes cannot be read.']
    source.nodes = null
    summary.touch()
    advance(2_000)
    expect(words).toEqual([null, ['a', 'b'], ['b'], ['a'], null])
  })

  it('leaves no timer when it is stopped', () => {
    const { summary, timers } = open()
    summary.touch()
    summary.stop()
    summary.touch()
    expect(timers()).toBe(0)
  })
})

const soon = { timeout: 20_000, interval: 20 }

const emptySource: SummarySource = {
  nodes: [],
  pods: [],
  slices: [],
  claims: null,
  reasons: [],
  hasDeployment: () => false,
  deviceReasons: [],
  runtimes: [],
  deploymentCounts: {},
}

function runtime(lastHeartbeatAt: string) {
  return {
    name: 'kaito',
    displayName: 'KAITO',
    isReady: true,
    version: null,
    lastHeartbeatAt,
    engines: [],
  }
}

function open() {
  const source = { ...emptySource }
  const { advance, timers, timing } = holdTime()
  const waits: number[] = []
  let told = 0
  const words: (readonly string[] | null)[] = []
  return {
    source,
    told: () => told,
    words,
    timers,
    waits,
    advance: (ms: number) => void advance(ms),
    summary: createSummary({
      read: () => source,
      onChange: (namespaces) => {
        told += 1
        words.push(namespaces)
      },
      now: () => new Date(timing.now()),
      timing: {
        ...timing,
        setTimeout: (run, ms) => {
          waits.push(ms)
          return timing.setTimeout(run, ms)
        },
      },
    }),
  }
}
