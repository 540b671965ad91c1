import { describe, expect, it } from 'vitest'
import { createChangeLog } from './change-log.ts'
import type { FleetDeployment } from './read-deployment.ts'

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
    const own = log.position()
    const other = (character: string) => (character === 'A' ? 'B' : 'A')
    for (const position of [
      open(10).position(),
      log.position(7),
      `${other(own[0]!)}${own.slice(1)}`,
      `${own.slice(0, 20)}${other(own[20]!)}${own.slice(21)}`,
      `${own.slice(0, 40)}${other(own[40]!)}${own.slice(41)}`,
      own.slice(1),
      `${own}AAAA`,
      '1',
      '',
      '.',
      'x',
    ]) {
      expect(log.since(position)).toBeNull()
    }
  })

  it('H29: a position does not say how much happened, nor whether anything did', () => {
    const log = open(100)
    const shapes = new Set<string>()
    const told = new Set<string>()
    for (let count = 0; count < 50; count += 1) {
      // Half of the time nothing happens between two of them.
      if (count % 2 === 0) log.append({ type: 'instance', id: 'hidden' })
      const position = log.position()
      told.add(position)
      shapes.add(position.replaceAll(/[A-Za-z0-9_-]/g, 'x'))
      expect(log.since(position)).toEqual([])
    }
    expect(told.size).toBe(50)
    expect(shapes.size).toBe(1)
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
