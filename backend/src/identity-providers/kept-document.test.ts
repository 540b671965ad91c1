import { beforeEach, describe, expect, test } from 'vitest'
import { keepDocument } from './kept-document.ts'

const minute = 60_000

describe('keepDocument', () => {
  let nowMs: number
  let reads: number
  let read: () => Promise<string>
  const keep = () =>
    keepDocument({
      now: () => new Date(nowMs),
      read: () => {
        reads += 1
        return read()
      },
    })

  beforeEach(() => {
    nowMs = Date.parse('2026-01-01T00:00:00Z')
    reads = 0
    read = async () => `read ${reads}`
  })

  test('is read once for all who wait, and again after ten minutes', async () => {
    const document = keep()
    expect(await Promise.all([document.get(), document.get(), document.get()])).toEqual([
      'read 1',
      'read 1',
      'read 1',
    ])
    nowMs += 9 * minute
    expect(await document.get()).toBe('read 1')
    nowMs += 2 * minute
    expect(await document.get()).toBe('read 2')
  })

  test('H7: is read again, and asked again after a failure, though the clock was set back', async () => {
    const document = keep()
    await document.get()
    nowMs -= 60 * minute
    await document.get()
    nowMs += 11 * minute
    expect(await document.get()).toBe('read 2')
    const failing = keep()
    read = async () => {
      throw new Error('away')
    }
    await expect(failing.get()).rejects.toThrow('away')
    nowMs -= 60 * minute
    await expect(failing.get()).rejects.toThrow('away')
    read = async () => 'back'
    nowMs += 2_000
    expect(await failing.get()).toBe('back')
  })

  test('the last good one serves for a day while it cannot be read, and not longer', async () => {
    const document = keep()
    await document.get()
    read = async () => {
      throw new Error('down')
    }
    nowMs += 23 * 60 * minute
    expect(await document.get()).toBe('read 1')
    nowMs += 2 * 60 * minute
    await expect(document.get()).rejects.toThrow('down')
    read = async () => 'back'
    nowMs += 2 * minute
    expect(await document.get()).toBe('back')
  })

  test('while it fails it is asked for less and less often, and at once again when it is back', async () => {
    const document = keep()
    read = async () => {
      throw new Error('down')
    }
    for (let second = 0; second < 120; second += 1) {
      await expect(document.get()).rejects.toThrow('down')
      nowMs += 1000
    }
    // After 0, 1, 3, 7, 15, 31 and 63 seconds.
    expect(reads).toBe(7)
    read = async () => 'back'
    nowMs += minute
    expect(await document.get()).toBe('back')
    expect(reads).toBe(8)
  })

  test('H24: what it lacks is looked for at once, and then every 30 seconds at most', async () => {
    const document = keep()
    await document.get()
    for (let index = 0; index < 50; index += 1) await document.getAgain()
    expect(reads).toBe(2)
    // What the machine itself takes counts as well.
    nowMs += 20_000
    expect(await document.getAgain()).toBe('read 2')
    nowMs += 10_000
    expect(await document.getAgain()).toBe('read 3')
    // H24: nor does a clock that is set back hold it up.
    nowMs -= 60 * minute
    await document.getAgain()
    nowMs += minute / 2
    expect(await document.getAgain()).toBe('read 4')
  })
})
