import { describe, expect, it } from 'vitest'
import { createLedger, createPace } from './budget.ts'

describe('createPace', () => {
  it('H1: lets so much through at once, then so much a second, and saves up while nothing comes', () => {
    let now = 0
    const pace = createPace(() => now, { bytesPerSecond: 100, bytesAtOnce: 1_000 })
    pace.add(1_000)
    expect(pace.aheadMs()).toBe(0)
    pace.add(50)
    expect(pace.aheadMs()).toBe(500)
    now += 400
    expect(pace.aheadMs()).toBe(100)
    now += 600
    expect(pace.aheadMs()).toBe(0)
    now += 60_000
    pace.add(1_000)
    expect(pace.aheadMs()).toBe(0)
    pace.add(100)
    expect(pace.aheadMs()).toBe(1_000)
  })
})

describe('createLedger', () => {
  const many = { objectsMax: 10, bytesMax: 1024 }

  it('H1: bounds objects and bytes of all parts together', () => {
    const ledger = createLedger(many)
    const [one, other] = [ledger.open(), ledger.open()]
    one.set({ objects: 6, bytes: 600 })
    expect(() => other.set({ objects: 5, bytes: 1 })).toThrow('more than 10 of them')
    one.set({ objects: 1, bytes: 600 })
    expect(() => other.set({ objects: 1, bytes: 600 })).toThrow('the 1 KiB that the hub keeps')
    one.close()
    expect(() => other.set({ objects: 1, bytes: 600 })).not.toThrow()
  })

  it('H1: bounds several ledgers by what is above them', () => {
    const above = createLedger({ objectsMax: 100, bytesMax: 1536 })
    const [pods, nodes] = [createLedger(many, above).open(), createLedger(many, above).open()]
    pods.set({ objects: 1, bytes: 1_000 })
    expect(() => nodes.set({ objects: 1, bytes: 1_000 })).toThrow('the 1536 bytes that the hub')
    pods.close()
    expect(() => nodes.set({ objects: 1, bytes: 1_000 })).not.toThrow()
  })
})
