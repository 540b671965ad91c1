import { describe, expect, it } from 'vitest'
import { ClusterError } from './cluster-error.ts'
import { kubePath } from './kube-path.ts'
import { listWatch, type ListWatchState } from './list-watch.ts'
import type { KubeList, KubeObject, WatchEvent } from './objects.ts'
import type { Timing } from './timing.ts'
import type { KubeRequest, Transport, WatchRequest } from './transport.ts'

const path = kubePath('apis', 'airunway.ai', 'v1alpha1', 'modeldeployments')

describe('listWatch', () => {
  it('lists page by page and watches from there', async () => {
    const run = await play([
      list('10', ['a', 'b'], 'next'),
      list('10', ['c']),
      watch([added('d', '11'), bookmark('20')]),
      watch([]),
    ])
    expect(run.requests).toEqual([
      { limit: 500, continue: undefined },
      { limit: 500, continue: 'next' },
      expect.objectContaining({
        resourceVersion: '10',
        allowWatchBookmarks: true,
        timeoutSeconds: 270,
      }),
      expect.objectContaining({ resourceVersion: '20' }),
    ])
    expect(run.idleTimeouts).toEqual([300_000, 300_000])
    expect(run.log).toEqual(['listing', 'replace a,b,c @10', 'synced', 'ADDED d'])
  })

  it('spreads its time limits between 240 and 300 seconds', async () => {
    const low = await play([list('1', []), watch([])], { random: 0 })
    const high = await play([list('1', []), watch([])], { random: 0.999 })
    expect(low.requests[1]).toMatchObject({ timeoutSeconds: 240 })
    expect(high.requests[1]).toMatchObject({ timeoutSeconds: 300 })
  })

  it('relists when the past is gone by an ERROR event', async () => {
    const run = await play([
      list('10', ['a']),
      watch([
        {
          type: 'ERROR',
          object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' },
        },
      ]),
      list('50', ['a', 'b']),
      watch([]),
    ])
    expect(run.log).toEqual([
      'listing',
      'replace a @10',
      'synced',
      'listing',
      'replace a,b @50',
      'synced',
    ])
    expect(run.requests[3]).toMatchObject({ resourceVersion: '50' })
  })

  it('relists when the past is gone by HTTP 410, and slows down when that repeats', async () => {
    const gone = failed('gone', 410)
    const run = await play([
      list('10', []),
      gone,
      list('20', []),
      gone,
      list('30', []),
      gone,
      list('40', []),
      watch([]),
    ])
    expect(run.log.filter((line) => line.startsWith('replace'))).toHaveLength(4)
    expect(run.delays.slice(0, 2)).toEqual([1_250, 2_250])
  })

  it('reads a list again in one answer when its continue token expired', async () => {
    const run = await play([
      list('10', ['a'], 'next'),
      failed('gone', 410),
      list('12', ['a', 'b', 'c']),
      watch([]),
    ])
    expect(run.requests[2]).toEqual({ limit: undefined, continue: undefined })
    expect(run.log).toContain('replace a,b,c @12')
  })

  it('resumes where it was after the connection broke, without a new list', async () => {
    const run = await play([
      list('10', ['a']),
      watch([added('b', '11')], failed('refused')),
      watch([added('c', '12')]),
      watch([]),
    ])
    expect(run.requests[2]).toMatchObject({ resourceVersion: '11' })
    expect(run.log).toEqual([
      'listing',
      'replace a @10',
      'synced',
      'ADDED b',
      'retrying refused',
      'synced',
      'ADDED c',
    ])
  })

  it.each(['timeout', 'protocol'] as const)(
    'relists after %s: something may be missed',
    async (kind) => {
      const run = await play([
        list('10', []),
        watch([added('b', '11')], failed(kind)),
        list('12', []),
        watch([]),
      ])
      expect(run.log.filter((line) => line === 'listing')).toHaveLength(2)
    },
  )

  it('waits longer with every failure, with jitter, up to 30 seconds', async () => {
    const failures = Array.from({ length: 9 }, () => failed('refused'))
    const run = await play([...failures, list('1', []), watch([])])
    expect(run.delays.slice(0, 9)).toEqual([
      750, 1_250, 2_250, 4_250, 8_250, 15_250, 15_250, 15_250, 15_250,
    ])
    const hasty = await play([failed('refused'), list('1', []), watch([])], { random: 0 })
    expect(hasty.delays[0]).toBe(500)
  })

  it('starts over with short waits once the cluster spoke', async () => {
    const run = await play([
      failed('refused'),
      failed('refused'),
      list('1', []),
      watch([added('a', '2')], failed('refused')),
      watch([]),
    ])
    expect(run.delays.slice(0, 3)).toEqual([750, 1_250, 750])
  })

  it('waits as long as the cluster asks', async () => {
    const run = await play([failed('throttled', 429, 45), list('1', []), watch([])])
    expect(run.delays[0]).toBe(45_000)
  })

  it.each(['unauthorized', 'forbidden', 'not-found'] as const)(
    'says %s and asks again slowly',
    async (kind) => {
      const run = await play([failed(kind, 403), list('1', []), watch([])])
      expect(run.log.slice(0, 2)).toEqual(['listing', `retrying ${kind}`])
      expect(run.delays[0]).toBe(22_500)
    },
  )

  it('does not ask in a tight loop where every watch ends at once', async () => {
    const run = await play([list('1', []), watch([]), watch([]), watch([])])
    expect(run.delays.slice(0, 2)).toEqual([750, 1_250])
  })

  it('survives lists and events of odd shapes', async () => {
    const run = await play([
      { body: {} },
      {
        body: {
          items: [null, 'none', 7],
          metadata: { resourceVersion: '1' },
        } as unknown as KubeList,
      },
      watch([{ type: 'MODIFIED', object: {} }], failed('protocol')),
      list('3', []),
      watch([]),
    ])
    expect(run.log).toEqual([
      'listing',
      'retrying protocol',
      'listing',
      'replace  @1',
      'synced',
      'MODIFIED ',
      'retrying protocol',
      'listing',
      'replace  @3',
      'synced',
    ])
  })

  it('ends on abort, even while it waits', async () => {
    const abort = new AbortController()
    const done = listWatch({
      transport: script([failed('refused')]).transport,
      path,
      signal: abort.signal,
      onReplace: () => {},
      onEvent: () => {},
      onState: ({ phase }) => {
        if (phase === 'retrying') setTimeout(() => abort.abort(), 10)
      },
      timing: { now: () => 0, setTimeout: () => 0, clearTimeout: () => {}, random: () => 0 },
    })
    await expect(done).resolves.toBeUndefined()
  })
})

type Step = { body: KubeList } | { events: WatchEvent[]; error: ClusterError | null } | ClusterError

function list(resourceVersion: string, names: string[], next?: string): Step {
  return {
    body: {
      metadata: { resourceVersion, ...(next && { continue: next }) },
      items: names.map((name) => ({ metadata: { name } })),
    },
  }
}

function watch(events: WatchEvent[], error: ClusterError | null = null): Step {
  return { events, error }
}

function failed(
  kind: ClusterError['kind'],
  status?: number,
  retryAfterSeconds?: number,
): ClusterError {
  return new ClusterError(kind, {
    message: 'failed',
    ...(status && { status }),
    ...(retryAfterSeconds && { retryAfterSeconds }),
  })
}

function added(name: string, resourceVersion: string): WatchEvent {
  return { type: 'ADDED', object: { metadata: { name, resourceVersion } } }
}

function bookmark(resourceVersion: string): WatchEvent {
  return { type: 'BOOKMARK', object: { metadata: { resourceVersion } } }
}

/** A cluster that answers with each step in turn; `onEnd` is called when it has no more. */
function script(steps: Step[], onEnd: () => void = () => {}) {
  const left = [...steps]
  const requests: unknown[] = []
  const idleTimeouts: unknown[] = []
  const take = (query: unknown) => {
    const step = left.shift()
    if (step) requests.push(query)
    else onEnd()
    if (!step || step instanceof ClusterError) throw step ?? failed('aborted')
    return step
  }
  const transport: Transport = {
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the interface's own claim
    request: async <T>(request: KubeRequest) => {
      const step = take(request.query)
      if (!('body' in step)) throw new Error('The script has no list here.')
      return { status: 200, body: step.body as T, auditId: null }
    },
    watch: async function* (request: WatchRequest) {
      const step = take(request.query)
      if (!('events' in step)) throw new Error('The script has no watch here.')
      idleTimeouts.push(request.idleTimeoutMs)
      request.onOpen?.()
      yield* step.events
      if (step.error) throw step.error
    },
    renew: () => false,
    close: async () => {},
  }
  return { transport, requests, idleTimeouts }
}

/** Runs through the steps with time that stands still and waits that end at once. */
async function play(steps: Step[], options: { random?: number } = {}) {
  const abort = new AbortController()
  const log: string[] = []
  const delays: number[] = []
  const { idleTimeouts, requests, transport } = script(steps, () => abort.abort())
  const timing: Timing = {
    now: () => 0,
    setTimeout: (callback, ms) => {
      delays.push(ms)
      return setImmediate(callback)
    },
    clearTimeout: (timer) => clearImmediate(timer as NodeJS.Immediate),
    random: () => options.random ?? 0.5,
  }
  await listWatch({
    transport,
    path,
    signal: abort.signal,
    timing,
    onReplace: (items, resourceVersion) =>
      log.push(`replace ${items.map(nameOf).join(',')} @${resourceVersion}`),
    onEvent: ({ object, type }) => log.push(`${type} ${nameOf(object)}`),
    onState: (state) => log.push(describeState(state)),
  })
  return { log, delays, requests, idleTimeouts }
}

function nameOf(object: KubeObject): string {
  return object.metadata?.name ?? ''
}

function describeState(state: ListWatchState): string {
  return state.phase === 'retrying' ? `retrying ${state.error.kind}` : state.phase
}
