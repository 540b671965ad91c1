import { describe, expect, it, vi } from 'vitest'
import { holdTime } from '../../../test/held-time.ts'
import { createJoinTexts } from './join-texts.ts'
import { createLogReader } from './log-reader.ts'

const start = () => {
  const ended = new AbortController()
  const reader = createLogReader({ ended, join: createJoinTexts(), timing: holdTime().timing })
  const stream = reader.open(() => {}).getReader()
  return { ended, reader, stream }
}
const kibibytes = (count: number) => 'x'.repeat(count * 1024)

describe('createLogReader', () => {
  it('sends what was written in one turn as one piece, without waiting for more', async () => {
    const { reader, stream } = start()
    for (const text of ['a', '', 'b', 'c']) reader.write(text)
    expect(Buffer.from((await stream.read()).value!).toString()).toBe('abc')
    reader.write('d')
    reader.close()
    reader.write('too late')
    expect(Buffer.from((await stream.read()).value!).toString()).toBe('d')
    expect((await stream.read()).done).toBe(true)
  })

  it('is full while nobody reads, long before it takes no more, and has room once that was read', async () => {
    const { reader, stream } = start()
    reader.write(kibibytes(200))
    expect([reader.isFull(), reader.canTake(1)]).toEqual([false, true])
    reader.write(kibibytes(56))
    expect([reader.isFull(), reader.canTake(768 * 1024)]).toEqual([true, true])
    expect(reader.canTake(768 * 1024 + 1)).toBe(false)
    await Promise.resolve()
    reader.write(kibibytes(100))
    expect(reader.canTake(668 * 1024 + 1)).toBe(false)
    const listener = vi.fn<() => void>()
    reader.onRoom(listener)
    reader.onRoom(listener)
    const room = reader.room()
    expect((await stream.read()).value).toHaveLength(256 * 1024)
    await room
    expect(listener).toHaveBeenCalledTimes(1)
    expect(reader.isFull()).toBe(false)
  })

  it('lets go of who waits for room when the reader leaves', async () => {
    const { ended, reader, stream } = start()
    reader.write(kibibytes(300))
    const room = reader.room()
    await stream.cancel()
    await room
    expect([ended.signal.aborted, reader.isFull()]).toEqual([true, false])
  })
})
