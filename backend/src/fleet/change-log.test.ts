import { describe, expect, it } from 'vitest'
import { createChangeLog } from './change-log.ts'
import type { FleetDeployment } from './present-deployment.ts'

describe('createChangeLog', () => {
  it('replays what came after a position', () => {
    const log = open(100)
    log.append({ type: 'instance', id: 'a' })
    const position = log.position()
    expect(log.since(position)).toEqual([])
    log.append({ type: 'instance', id: 'b' })
    log.append({ type: 'instance', id: 'c' })
    expect(log.since(position)?.map(({ seq }) => seq)).toEqual([2, 3])
    expect(log.since(log.position(0))).toHaveLength(3)
  })

  it('knows a bounded past', () => {
    const log = open(10)
    const early = log.position()
    for (let i = 0; i < 1_000; i += 1) log.append({ type: 'instance', id: String(i) })
    expect(log.since(early)).toBeNull()
    expect(log.since(log.position(995))?.map(({ seq }) => seq)).toEqual([996, 997, 998, 999, 1000])
  })

  it('H1: keeps no more bytes than its bound, whatever the size of a deployment', () => {
    const log = createChangeLog({ capacity: 1_000, bytesMax: 10_000, onListenerError: () => {} })
    const heard: number[] = []
    log.subscribe(({ seq }) => heard.push(seq))
    const deployment = {} as FleetDeployment
    const start = log.position()
    for (let i = 0; i < 100; i += 1) {
      log.append({ type: 'upsert', deployment, openJson: 'x'.repeat(1_000) })
    }
    expect(heard).toHaveLength(100)
    expect(log.since(start)).toBeNull()
    expect(log.since(log.position(97))?.map(({ seq }) => seq)).toEqual([98, 99, 100])
    const kept = [...Array(100).keys()].filter((seq) => log.since(log.position(seq)) !== null)
    expect(kept.length).toBeLessThanOrEqual(11)
  })

  it('does not take another process, the future or nonsense for a position', () => {
    const log = open(10)
    log.append({ type: 'instance', id: 'a' })
    const [process] = log.position().split('.')
    for (const position of [
      open(10).position(),
      `${process}.7`,
      `${process}.-1`,
      `${process}.`,
      `${process}.1e0`,
      '',
      '.',
      'x',
    ]) {
      expect(log.since(position)).toBeNull()
    }
  })

  it('tells every listener even when one fails', () => {
    const errors: unknown[] = []
    const log = createChangeLog({ capacity: 10, onListenerError: (error) => errors.push(error) })
    const seen: number[] = []
    log.subscribe(() => {
      throw new Error('x')
    })
    const stop = log.subscribe(({ seq }) => seen.push(seq))
    log.append({ type: 'instance', id: 'a' })
    stop()
    log.append({ type: 'instance', id: 'b' })
    expect([seen, errors.length]).toEqual([[1], 2])
  })
})

function open(capacity: number) {
  return createChangeLog({ capacity, onListenerError: () => {} })
}
