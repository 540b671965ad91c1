import { describe, expect, it } from 'vitest'
import { holdTime } from '../../test/held-time.ts'
import { createSummary, type SummarySource } from './summary.ts'

describe('createSummary', () => {
  it('is made at most once a second, however much changes, and tells only news', () => {
    const { advance, source, summary, told } = open()
    summary.touch()
    advance(50)
    expect(told()).toBe(1)
    for (let i = 1; i <= 100; i += 1) {
      source.deploymentCount = i
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

  it('leaves no timer when it is stopped', () => {
    const { summary, timers } = open()
    summary.touch()
    summary.stop()
    summary.touch()
    expect(timers()).toBe(0)
  })
})

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
  const source: SummarySource = {
    nodes: [],
    pods: [],
    slices: [],
    claims: null,
    reasons: [],
    claimsReason: null,
    runtimes: [],
    deploymentCount: 0,
  }
  const { advance, timers, timing } = holdTime()
  let told = 0
  return {
    source,
    told: () => told,
    timers,
    advance: (ms: number) => void advance(ms),
    summary: createSummary({
      read: () => source,
      onChange: () => (told += 1),
      now: () => new Date(timing.now()),
      timing,
    }),
  }
}
