import { describe, expect, it, vi } from 'vitest'
import type { LineBatch } from './read-lines.ts'
import { createReaderBudget } from './reader-budget.ts'
import { createSharedLogs, type LogStart } from './share-logs.ts'

/** A cluster whose logs are written by hand. */
function createCluster() {
  const opened: { write: (text: string) => void; close: () => void; signal: AbortSignal }[] = []
  const pulls: number[] = []
  const open = async (signal: AbortSignal) => {
    const index = opened.length
    pulls.push(0)
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        opened.push({
          write: (text) => controller.enqueue(Buffer.from(text)),
          close: () => controller.close(),
          signal,
        })
        signal.addEventListener('abort', () => controller.error(signal.reason))
      },
      pull: () => void (pulls[index]! += 1),
    })
  }
  return { open, opened, pulls }
}

type Joined = {
  lines: string[]
  dropped: number
  ended: unknown
  leave: () => void
}

function createReaders() {
  const cluster = createCluster()
  const shared = createSharedLogs()
  const join = async (
    start: LogStart = { tailLines: 10 },
    { key = 'a', open = cluster.open, pace = async () => {}, room = 1_000_000 } = {},
  ): Promise<Joined> => {
    const leaving = new AbortController()
    const batches = await shared.join({
      key,
      start,
      open,
      budget: createReaderBudget(room),
      signal: leaving.signal,
    })
    const joined: Joined = {
      lines: [],
      dropped: 0,
      ended: null,
      leave: () => leaving.abort(),
    }
    const read = async () => {
      for await (const batch of batches) {
        await take(joined, batch)
        await pace()
      }
    }
    joined.ended = 'open'
    read().then(
      () => (joined.ended = 'end'),
      (error: unknown) => (joined.ended = error),
    )
    return joined
  }
  return { cluster, join }
}

async function take(joined: Joined, batch: LineBatch) {
  if (batch.type === 'lines') joined.lines.push(...batch.lines.map(({ text }) => text))
  else joined.dropped += batch.lines
}

describe('a followed log', () => {
  it('is read from the cluster once, and everybody gets all of it in its order', async () => {
    const { cluster, join } = createReaders()
    const one = await join()
    cluster.opened[0]!.write('a\nb\n')
    await vi.waitFor(() => expect(one.lines).toEqual(['a', 'b']))
    const two = await join()
    cluster.opened[0]!.write('c\nd\n')
    cluster.opened[0]!.close()
    await vi.waitFor(() => {
      expect(one).toMatchObject({ lines: ['a', 'b', 'c', 'd'], ended: 'end', dropped: 0 })
      expect(two).toMatchObject({ lines: ['a', 'b', 'c', 'd'], ended: 'end', dropped: 0 })
    })
    expect(cluster.opened).toHaveLength(1)
  })

  it('begins for who comes later as many lines back as they asked for', async () => {
    const { cluster, join } = createReaders()
    const one = await join()
    cluster.opened[0]!.write(Array.from({ length: 30 }, (_, i) => `${i}\n`).join(''))
    await vi.waitFor(() => expect(one.lines).toHaveLength(30))
    const two = await join({ tailLines: 3 })
    await vi.waitFor(() => expect(two.lines).toEqual(['27', '28', '29']))
    const many = await join({ tailLines: 500 })
    expect(many.lines).toEqual([])
    expect(cluster.opened).toHaveLength(2)
  })

  it('is one for all who go on from a time that is kept, and another for others', async () => {
    const { cluster, join } = createReaders()
    const one = await join({})
    cluster.opened[0]!.write('2026-01-01T00:00:00Z a\n2026-01-01T00:00:05Z b\n')
    await vi.waitFor(() => expect(one.lines).toEqual(['a', 'b']))
    await join({ sinceTime: '2026-01-01T00:00:05Z' })
    expect(cluster.opened).toHaveLength(2)
    await join({}, { key: 'somebody else' })
    expect(cluster.opened).toHaveLength(3)
    const again = await join({})
    await vi.waitFor(() => expect(again.lines).toEqual(['a', 'b']))
    expect(cluster.opened).toHaveLength(3)
  })

  it('does not wait for who is slower than others: they are told what they lost', async () => {
    const { cluster, join } = createReaders()
    const held = Promise.withResolvers<void>()
    const slow = await join(undefined, { room: 20, pace: () => held.promise })
    const fast = await join(undefined, { room: 20 })
    for (let i = 0; i < 20; i += 1) {
      cluster.opened[0]!.write(`line-${i}---\n`)
      await vi.waitFor(() => expect(fast.lines).toHaveLength(i + 1))
    }
    held.resolve()
    cluster.opened[0]!.close()
    await vi.waitFor(() => expect(slow.ended).toBe('end'))
    expect(fast.dropped).toBe(0)
    expect(slow.dropped).toBeGreaterThan(10)
    expect(slow.lines.length + slow.dropped).toBe(20)
  })

  it('waits where nobody keeps up, and goes on from there', async () => {
    const { cluster, join } = createReaders()
    const held = Promise.withResolvers<void>()
    const slow = await join(undefined, { room: 20, pace: () => held.promise })
    for (let i = 0; i < 50; i += 1) cluster.opened[0]!.write(`line-${i}---\n`)
    cluster.opened[0]!.close()
    await vi.waitFor(() => expect(slow.lines.length).toBeGreaterThan(0))
    const pulledWhileHeld = cluster.pulls[0]!
    held.resolve()
    await vi.waitFor(() => expect(slow.ended).toBe('end'))
    expect(slow).toMatchObject({ dropped: 0 })
    expect(slow.lines).toHaveLength(50)
    expect(pulledWhileHeld).toBeLessThan(10)
  })

  it('ends at the cluster when the last reader leaves, and not before', async () => {
    const { cluster, join } = createReaders()
    const [one, two] = [await join(), await join()]
    one.leave()
    await vi.waitFor(() => expect(one.ended).toBe('end'))
    expect(cluster.opened[0]!.signal.aborted).toBe(false)
    cluster.opened[0]!.write('still\n')
    await vi.waitFor(() => expect(two.lines).toEqual(['still']))
    two.leave()
    await vi.waitFor(() => expect(cluster.opened[0]!.signal.aborted).toBe(true))
    await join()
    expect(cluster.opened).toHaveLength(2)
  })

  it('that cannot be opened fails for all who wait, and the next one tries again', async () => {
    const { cluster, join } = createReaders()
    const refused = Promise.withResolvers<ReadableStream<Uint8Array>>()
    const open = vi.fn<(signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>>(
      () => refused.promise,
    )
    const waiting = [join(undefined, { open }), join(undefined, { open })]
    refused.reject(new Error('no'))
    for (const each of waiting) await expect(each).rejects.toThrow('no')
    expect(open).toHaveBeenCalledTimes(1)
    await join()
    expect(cluster.opened).toHaveLength(1)
  })

  it('that breaks off fails for all who read it', async () => {
    const { cluster, join } = createReaders()
    const readers = [await join(), await join()]
    cluster.opened[0]!.write('a\n')
    await vi.waitFor(() => expect(readers[1]!.lines).toEqual(['a']))
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new Error('broken')),
    })
    const other = await join(undefined, { key: 'b', open: async () => broken })
    await vi.waitFor(() => expect(other.ended).toMatchObject({ message: 'broken' }))
    expect(readers.map(({ ended }) => ended)).toEqual(['open', 'open'])
  })
})
