import { describe, expect, it } from 'vitest'
import { createLineSender, createLogOutbox, readLine } from './deliver-lines.ts'

describe('what is passed on of a log', () => {
  it('is bounded, says what was left out, and goes on a moment later', async () => {
    let now = 0
    const told: unknown[] = []
    const outbox = createLogOutbox({
      write: () => {},
      format: (event) => {
        told.push(event.type === 'lines' ? event.lines.length : event)
        return ''
      },
      room: async () => {},
      now: () => now,
    })
    const sender = createLineSender(outbox, { pod: 'a', container: 'c' })
    const lines = Array.from({ length: 50_000 }, () => ({ at: null, text: 'xx' }))
    await sender.send(lines)
    now = 1_000
    await sender.send(lines.slice(0, 10))
    const dropped = { type: 'dropped', pod: 'a', lines: 10_000, bytes: 20_000 }
    expect(told).toEqual([40_000, dropped, 10])
  })

  it.each([
    ['2026-06-01T12:00:00.123456789Z hello', '2026-06-01T12:00:00.123456789Z', 'hello'],
    ['2026-06-01T12:00:00+02:00 hello', '2026-06-01T12:00:00+02:00', 'hello'],
    ['2026-06-01T12:00:00Z', '2026-06-01T12:00:00Z', ''],
    ['no time at all', null, 'no time at all'],
  ])('has its time apart: %s', (line, at, text) => {
    expect(readLine(line)).toEqual({ at, text })
  })
})
