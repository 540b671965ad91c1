import { describe, expect, it } from 'vitest'
import { createLineSender, createLogOutbox } from './deliver-lines.ts'
import { toBatch } from './read-lines.ts'

describe('what is passed on of a log', () => {
  const lines = Array.from({ length: 50_000 }, () => ({ at: null, text: 'xx' }))
  const start = ({ canTake = () => true }: { canTake?: (bytes: number) => boolean } = {}) => {
    let now = 0
    const told: unknown[] = []
    const outbox = createLogOutbox({
      write: () => {},
      format: (event) => {
        told.push(event.type === 'lines' ? event.lines.length : event)
        return ''
      },
      room: async () => {},
      canTake,
      now: () => now,
    })
    const sender = createLineSender(outbox, { pod: 'a', container: 'c' })
    return { sender, told, at: (ms: number) => (now = ms) }
  }

  it('is bounded, says what was left out, and goes on a moment later', () => {
    const { at, sender, told } = start()
    sender.send(toBatch(lines))
    at(1_000)
    sender.send(toBatch(lines.slice(0, 10)))
    const dropped = { type: 'dropped', pod: 'a', lines: 10_000, bytes: 20_000 }
    expect(told).toEqual([40_000, dropped, 10])
  })

  it('is nothing while no more may wait for the reader, and that is said when it may again', async () => {
    let room = 100
    const { sender, told } = start({ canTake: (bytes) => bytes <= room })
    sender.send(toBatch(lines.slice(0, 50)))
    sender.send(toBatch(lines.slice(0, 51)))
    sender.send(toBatch(lines.slice(0, 60)))
    room = 4
    sender.send(toBatch(lines.slice(0, 2)))
    sender.send(toBatch(lines.slice(0, 3)))
    await sender.flush()
    await sender.flush()
    const dropped = { type: 'dropped', pod: 'a' }
    expect(told).toEqual([
      50,
      { ...dropped, lines: 111, bytes: 222 },
      2,
      { ...dropped, lines: 3, bytes: 6 },
    ])
  })
})
