import { describe, expect, it, vi } from 'vitest'
import { createLogger } from '#log'
import { answerAsCluster } from '../../test/answer-as-cluster.ts'
import { useTestDirectory } from '../../test/credentials-directory.ts'
import { startTestServer } from '../../test/https-server.ts'
import { renderKubeconfig } from '../../test/kubeconfigs.ts'
import { guardDescriptors } from '../guard-descriptors.ts'
import {
  countDescriptors,
  createDescriptorShares,
  limitFor,
  planDescriptors,
  readDescriptorLimit,
} from './descriptors.ts'

vi.setConfig({ testTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 20 }

describe('planDescriptors', () => {
  it.each([128, 160, 256, 1024, 4096, 1_048_576])(
    'H5: under a limit of %i keeps a share for people, whatever clusters take',
    (limit) => {
      const { clustersMax, instancesMax, peopleMax } = planDescriptors(limit)
      expect(peopleMax).toBeGreaterThan(limit / 8)
      expect(instancesMax).toBeGreaterThan(limit / 64)
      expect(clustersMax + peopleMax + 48).toBeLessThanOrEqual(limit)
    },
  )

  it('H5: names a limit that is enough', () => {
    for (const instances of [1, 11, 40, 200, 1_000]) {
      expect(planDescriptors(limitFor(instances)).instancesMax).toBeGreaterThanOrEqual(instances)
    }
  })

  it('bounds nothing where there is no limit', () => {
    expect(planDescriptors(null)).toEqual({
      limit: null,
      peopleMax: Number.POSITIVE_INFINITY,
      clustersMax: Number.POSITIVE_INFINITY,
      instancesMax: Number.POSITIVE_INFINITY,
      requestsMax: null,
    })
  })

  it('reads the limit and the use of this process', () => {
    const limit = readDescriptorLimit()
    expect(limit === null || limit > 32).toBe(true)
    expect(countDescriptors() === null || countDescriptors()! > 3).toBe(true)
  })
})

describe('createDescriptorShares', () => {
  it('H5: an instance has its share for certain, and more while there is some left over', () => {
    const shares = createDescriptorShares({
      ...planDescriptors(1024),
      clustersMax: 30,
      instancesMax: 2,
    })
    expect([shares.admit('a'), shares.admit('b'), shares.admit('c')]).toEqual([true, true, false])
    expect(shares.admit('a')).toBe(true)
    const take = (id: string, count: number) =>
      Array.from({ length: count }, () => shares.socketsOf(id).take())
    const greedy = take('a', 40)
    expect(greedy.filter((release) => release !== null)).toHaveLength(12 + 6)
    expect(take('b', 40).filter((release) => release !== null)).toHaveLength(12)
    greedy[0]!()
    greedy[0]!()
    expect(take('b', 2).filter((release) => release !== null)).toHaveLength(1)
    shares.release('b')
    expect(shares.admit('c')).toBe(true)
  })
})

describe('instances beyond the limit on open files', () => {
  const directory = useTestDirectory()

  it('H5: are not dialled and say so with the fix, until there is room', async () => {
    const server = await startTestServer(answerAsCluster({ group: 'airunway.ai' }))
    directory.defer(server.stop)
    const names = ['a', 'b', 'c', 'd']
    for (const name of names) {
      directory.write(`${name}.kubeconfig`, renderKubeconfig(server.credential))
    }
    const lines: string[] = []
    const log = createLogger('warn', { write: (line) => void lines.push(line) })
    const descriptors = { ...planDescriptors(128), instancesMax: 2 }
    const instances = await directory.start({ descriptors, log })
    const states = () => instances.list().map(({ id, status }) => `${id} ${status.state}`)
    await expect.poll(states, soon).toEqual(['a ready', 'b ready', 'c degraded', 'd degraded'])
    await expect
      .poll(() => instances.find('c')?.status.reason, soon)
      .toBe(
        'Instance "c" is not watched: the hub may open 128 files and sockets, which is enough for 2 of its 4 instances. Raise its limit on open files (ulimit -n, LimitNOFILE of its service, or nofile of its container) to 256 at least, and restart it.',
      )
    expect(instances.find('c')?.apiGroup).toBeNull()
    expect(lines.filter((line) => line.includes('some instances are not watched'))).toHaveLength(1)
    directory.remove('a.kubeconfig')
    await expect.poll(states, soon).toEqual(['b ready', 'c ready', 'd degraded'])
  })
})

describe('guardDescriptors', () => {
  it('H5: refuses connections beyond their share and says so once, then how many', () => {
    vi.useFakeTimers()
    const lines: string[] = []
    const log = createLogger('warn', { write: (line) => void lines.push(line) })
    let drop = () => {}
    let open = 20
    let idleClosed = 0
    const server = {
      maxConnections: 0,
      on: (_: string, listener: () => void) => {
        drop = listener
        return server
      },
      closeIdleConnections: () => void (idleClosed += 1),
    }
    const plan = planDescriptors(256)
    const stop = guardDescriptors({ server: server as never, plan, log, count: () => open })
    expect(server.maxConnections).toBe(plan.peopleMax)
    for (let i = 0; i < 5; i += 1) drop()
    // H39: whoever is idle gives way to who asks.
    expect(idleClosed).toBe(5)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/a connection was refused: 72 are open.*ulimit -n/)
    vi.advanceTimersByTime(10_000)
    expect(lines.at(-1)).toMatch(/5 connections were refused/)
    open = 250
    vi.advanceTimersByTime(30_000)
    expect(lines).toHaveLength(3)
    expect(lines.at(-1)).toMatch(/250 of 256 files and sockets are open/)
    stop()
    vi.useRealTimers()
  })
})
