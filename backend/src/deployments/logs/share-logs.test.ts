import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { systemTiming, type Intake } from '#kube'
import type { LogStart } from './keep-past.ts'
import { createSharedLogs } from './share-logs.ts'

type Opened = {
  write: (text: string) => void
  end: (error?: Error) => void
  signal: AbortSignal
  /** How much of what was written nobody took yet. */
  waiting: () => number
}

/** A cluster whose logs are written by hand. */
function createCluster() {
  const opened: Opened[] = []
  const open = async (signal: AbortSignal): Promise<Intake> => {
    const chunks: Buffer[] = []
    let on: Parameters<Intake>[0] | null = null
    opened.push({
      write: (text) => {
        chunks.push(Buffer.from(text))
        on?.onReadable()
      },
      end: (error) => on?.onEnd(error ?? null),
      signal,
      waiting: () => chunks.length,
    })
    return (given) => {
      on = given
      return () => chunks.shift() ?? null
    }
  }
  return { open, opened }
}

type Joined = {
  lines: string[]
  opens: number
  ended: unknown
  leave: () => void
  /** Whether it has room. */
  fill: (isFull: boolean) => void
}

function createReaders() {
  const cluster = createCluster()
  const shared = createSharedLogs(systemTiming)
  const join = (
    start: LogStart = { tailLines: 10 },
    { key = 'a', open = cluster.open }: { key?: string | null; open?: typeof cluster.open } = {},
  ): Joined => {
    const leaving = new AbortController()
    const waiting = new Set<() => void>()
    let isFull = false
    const joined: Joined = {
      lines: [],
      opens: 0,
      ended: 'open',
      leave: () => leaving.abort(),
      fill: (full) => {
        isFull = full
        for (const go of waiting) if (!isFull && waiting.delete(go)) go()
      },
    }
    shared
      .read({
        key,
        start,
        open,
        room: { isFull: () => isFull, onRoom: (listener) => void waiting.add(listener) },
        signal: leaving.signal,
        onOpen: () => {
          expect(joined.lines).toEqual([])
          joined.opens += 1
        },
        take: ({ lines }) => joined.lines.push(...lines.map(({ text }) => text)),
      })
      .then(
        () => (joined.ended = 'end'),
        (error: unknown) => (joined.ended = error),
      )
    return joined
  }
  const opened = async (count = 1) => {
    await vi.waitFor(() => expect(cluster.opened).toHaveLength(count))
    return cluster.opened[count - 1]!
  }
  return { cluster, join, opened }
}

describe('a followed log', () => {
  it('is read from the cluster once, and everybody gets all of it in its order', async () => {
    const { cluster, join, opened } = createReaders()
    const one = join()
    const log = await opened()
    log.write('a\nb\n')
    await vi.waitFor(() => expect(one.lines).toEqual(['a', 'b']))
    const two = join()
    log.write('c\nd')
    log.end()
    await vi.waitFor(() => {
      expect(one).toMatchObject({ lines: ['a', 'b', 'c', 'd'], ended: 'end', opens: 1 })
      expect(two).toMatchObject({ lines: ['a', 'b', 'c', 'd'], ended: 'end', opens: 1 })
    })
    expect(cluster.opened).toHaveLength(1)
  })

  it('begins for who comes later as many lines back as they asked for', async () => {
    const { cluster, join, opened } = createReaders()
    const one = join()
    const log = await opened()
    log.write(Array.from({ length: 30 }, (_, i) => `${i}\n`).join(''))
    await vi.waitFor(() => expect(one.lines).toHaveLength(30))
    expect(join({ tailLines: 3 }).lines).toEqual(['27', '28', '29'])
    const many = join({ tailLines: 500 })
    expect(many.lines).toEqual([])
    expect(cluster.opened).toHaveLength(2)
  })

  it('is one for all who go on from a time that is kept, and another for others', async () => {
    const { cluster, join, opened } = createReaders()
    const one = join({})
    const log = await opened()
    log.write('2026-01-01T00:00:00Z a\n2026-01-01T00:00:05Z b\n')
    await vi.waitFor(() => expect(one.lines).toEqual(['a', 'b']))
    join({ sinceTime: '2026-01-01T00:00:05Z' })
    expect(cluster.opened).toHaveLength(2)
    join({}, { key: 'somebody else' })
    expect(cluster.opened).toHaveLength(3)
    expect(join({}).lines).toEqual(['a', 'b'])
    expect(cluster.opened).toHaveLength(3)
    join({}, { key: null })
    join({}, { key: null })
    expect(cluster.opened).toHaveLength(5)
  })

  it('does not wait for who has no room, while somebody has', async () => {
    const { join, opened } = createReaders()
    const [full, free] = [join(), join()]
    full.fill(true)
    const log = await opened()
    log.write('a\n')
    await vi.waitFor(() => expect(free.lines).toEqual(['a']))
    free.leave()
    log.write('b\n')
    await delay(400)
    expect(log.waiting()).toBe(1)
    full.fill(false)
    await vi.waitFor(() => expect(full.lines).toEqual(['a', 'b']))
  })

  it('waits where nobody has room, and goes on from there to its end', async () => {
    const { join, opened } = createReaders()
    const readers = [join(), join()]
    for (const each of readers) each.fill(true)
    const log = await opened()
    for (let i = 0; i < 50; i += 1) log.write(`${i}\n`)
    log.end()
    await delay(400)
    expect(log.waiting()).toBe(50)
    expect(readers.map(({ ended }) => ended)).toEqual(['open', 'open'])
    readers[1]!.fill(false)
    for (const each of readers) await vi.waitFor(() => expect(each.ended).toBe('end'))
    for (const { lines } of readers) expect(lines).toHaveLength(50)
  })

  it('goes on with who comes while all others have no room', async () => {
    const { join, opened } = createReaders()
    const full = join()
    full.fill(true)
    const log = await opened()
    log.write('a\n')
    await delay(400)
    const free = join()
    await vi.waitFor(() => expect(free.lines).toEqual(['a']))
  })

  it('ends at the cluster when the last reader leaves, and not before', async () => {
    const { join, opened } = createReaders()
    const [one, two] = [join(), join()]
    const log = await opened()
    one.leave()
    await vi.waitFor(() => expect(one.ended).toBe('end'))
    expect(log.signal.aborted).toBe(false)
    log.write('still\n')
    await vi.waitFor(() => expect(two.lines).toEqual(['still']))
    two.leave()
    expect(log.signal.aborted).toBe(true)
    join()
    await opened(2)
  })

  it('that cannot be opened fails for all who wait, and the next one tries again', async () => {
    const { cluster, join, opened } = createReaders()
    const refused = Promise.withResolvers<Intake>()
    const open = vi.fn<(signal: AbortSignal) => Promise<Intake>>(() => refused.promise)
    const waiting = [join(undefined, { open }), join(undefined, { open })]
    refused.reject(new Error('no'))
    for (const each of waiting) {
      await vi.waitFor(() => expect(each.ended).toMatchObject({ message: 'no' }))
      expect(each.opens).toBe(0)
    }
    expect(open).toHaveBeenCalledTimes(1)
    join()
    await opened()
    expect(cluster.opened).toHaveLength(1)
  })

  it('that breaks off fails for all who read it, after the lines that came whole', async () => {
    const { join, opened } = createReaders()
    const readers = [join(), join()]
    const log = await opened()
    log.write('a\nb')
    log.end(new Error('broken'))
    for (const each of readers) {
      await vi.waitFor(() => expect(each.ended).toMatchObject({ message: 'broken' }))
      expect(each.lines).toEqual(['a'])
    }
    join()
    await opened(2)
  })

  it('that one of its readers cannot take ends, and nothing else does', async () => {
    const { join, opened } = createReaders()
    const reader = join()
    const log = await opened()
    Object.defineProperty(reader, 'lines', {
      get: () => {
        throw new Error('cannot take it')
      },
    })
    log.write('a\n')
    await vi.waitFor(() => expect(reader.ended).toMatchObject({ message: 'cannot take it' }))
    expect(log.signal.aborted).toBe(true)
  })
})
