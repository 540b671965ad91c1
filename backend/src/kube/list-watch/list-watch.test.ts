import { describe, expect, it } from 'vitest'
import { createBreaks, type Breaks } from './breaks.ts'
import { kindBudget, type Budget, type Pace } from './budget.ts'
import { ClusterError } from '../cluster-error.ts'
import { kubePath } from '../kube-path.ts'
import { listWatch } from './list-watch.ts'
import type { ListWatchState } from './options.ts'
import type { KubeList, KubeObject, WatchEvent } from '../objects.ts'
import type { Timing } from '../timing.ts'
import type { KubeRequest, Transport, WatchRequest } from '../transport/transport.ts'

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

  it.each(['unauthorized', 'forbidden', 'not-found'] as const)(
    'H51: takes %s right after a break for a cluster that is starting, and asks again within seconds',
    async (kind) => {
      let now = 0
      const refusals = Array.from({ length: 12 }, () => failed(kind, 403))
      const { delays, log } = await play(
        [list('5', ['a']), watch([added('b', '6')], failed('refused')), ...refusals],
        { now: () => now, onWait: (ms) => (now += ms), random: 1 },
      )
      expect(log.filter((line) => line.startsWith('retrying')).slice(0, 3)).toEqual([
        'retrying refused',
        'retrying starting',
        'retrying starting',
      ])
      expect(Math.max(...delays.filter((ms) => ms < 60_000))).toBeLessThanOrEqual(4_000)
      expect(log.findLast((line) => line.startsWith('retrying'))).toBe('retrying starting')
    },
  )

  it('H51: and a minute later for what it says', async () => {
    let now = 0
    const refusals = Array.from({ length: 30 }, () => failed('forbidden', 403))
    const { log } = await play(
      [list('5', ['a']), watch([added('b', '6')], failed('refused')), ...refusals],
      { now: () => now, onWait: (ms) => (now += ms), random: 1 },
    )
    expect(log.findLast((line) => line.startsWith('retrying'))).toBe('retrying forbidden')
  })

  it('H51: begun anew right after a break, it knows of it from who read the same cluster before', async () => {
    const breaks = createBreaks(() => 0)
    await play([list('5', ['a']), watch([added('b', '6')], failed('refused'))], { breaks })
    const again = await play([failed('forbidden', 403), list('7', ['a']), watch([])], { breaks })
    expect(again.log).toEqual(['listing', 'retrying starting', 'listing', 'replace a @7', 'synced'])
    const other = await play([failed('forbidden', 403), list('7', ['a']), watch([])])
    expect(other.log[1]).toBe('retrying forbidden')
  })

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

  it.each([
    ['the same page for ever', ['again', 'again']],
    ['pages in a circle', ['a', 'b', 'a']],
  ])('H1: stops at a list that gives %s, and asks again slowly', async (_, tokens) => {
    const run = await play([
      ...tokens.map((token) => list('1', ['x'], token)),
      list('2', []),
      watch([]),
    ])
    expect(run.log.slice(0, 2)).toEqual(['listing', 'retrying too-much'])
    expect(run.messages[0]).toBe('lists them without end: the same page came twice')
    expect(run.delays[0]).toBeGreaterThanOrEqual(240_000)
    expect(run.requests).toHaveLength(tokens.length + 2)
  })

  it.each<[string, Partial<Budget>, string]>([
    ['pages', { pagesMax: 3 }, 'lists them in more than 3 pages'],
    ['objects', { objectsListedMax: 5 }, 'lists more than 5 of them'],
    ['time', { listMsMax: 180_000 }, 'does not end a list of them within 3 minutes'],
  ])('H1: a list is over after so many %s, kept or not', async (_, budget, message) => {
    let moment = 0
    const endless = Array.from({ length: 20 }, (__, page) => list('1', ['x', 'y'], `page ${page}`))
    const run = await play(endless, {
      budget,
      now: () => (moment += 20_000),
      read: () => null,
      until: 'retrying',
    })
    expect(run.messages).toEqual([message])
    expect(run.dropped()).toBeGreaterThan(0)
  })

  it('H1: gives a list no more time than is left for all of it', async () => {
    let moment = 0
    const run = await play([list('1', [], 'a'), list('1', [], 'b'), list('1', []), watch([])], {
      budget: { listMsMax: 100_000 },
      now: () => (moment += 10_000),
    })
    expect(run.timeouts).toEqual([60_000, 60_000, 60_000])
    const late = await play([list('1', [], 'a'), failed('timeout')], {
      budget: { listMsMax: 30_000 },
      now: () => (moment += 10_000),
      until: 'retrying',
    })
    expect(late.timeouts[0]).toBe(20_000)
    expect(late.messages).toEqual(['does not end a list of them within 0.5 minutes'])
  })

  it('H1: stops a watch that tells more changes than are followed, and lists anew later', async () => {
    const storm = Array.from({ length: 11 }, (_, index) => added('x', String(index)))
    const run = await play([list('1', []), watch(storm), list('50', []), watch([])], {
      budget: { changesPerMinuteMax: 10 },
    })
    expect(run.log.filter((line) => line === 'ADDED x')).toHaveLength(10)
    expect(run.messages[0]).toBe('changes them more than 10 times a minute')
    expect(run.delays[0]).toBeGreaterThanOrEqual(240_000)
    expect(run.log.at(-2)).toBe('replace  @50')
  })

  it('H1: holds back a watch that tells too fast, and stops it where that goes on', async () => {
    let moment = 0
    const storm = Array.from({ length: 20 }, (_, index) => added('x', String(index)))
    const run = await play([list('1', []), watch(storm)], {
      pace: { add: () => {}, aheadMs: () => 4_000 },
      bytesPerEvent: 300_000,
      budget: { heldBackMsMax: 30_000 },
      now: () => moment,
      onWait: (ms) => (moment += ms === 4_000 ? ms : 0),
      until: 'retrying',
    })
    expect(run.delays.filter((ms) => ms === 4_000)).toHaveLength(8)
    expect(run.messages).toEqual(['changes them faster than the hub reads them'])
  })

  it('H1: waits longer each time that a kind is over its budget, up to half an hour', async () => {
    const storm = Array.from({ length: 11 }, (_, index) => added('x', String(index)))
    let moment = 0
    const run = await play(Array.from({ length: 5 }, () => [list('1', []), watch(storm)]).flat(), {
      budget: { changesPerMinuteMax: 10 },
      now: () => moment,
      onWait: (ms) => (moment += ms >= 300_000 ? ms : 0),
      random: 0,
    })
    const waits = run.delays.filter((ms) => ms >= 60_000)
    expect(waits.slice(0, 4)).toEqual([300_000, 600_000, 1_200_000, 1_800_000])
  })

  it('H1: does not list in a tight loop where each watch tells that the past is gone', async () => {
    const gone = watch([bookmark('11'), expired])
    const run = await play(Array.from({ length: 4 }, () => [list('10', []), gone]).flat())
    expect(run.delays).toEqual([750, 750, 750])
  })

  it('H1: does not watch in a tight loop where each watch ends after a word', async () => {
    const word = watch([bookmark('11')])
    const run = await play([list('10', []), word, word, word])
    expect(run.delays).toEqual([1_000, 1_000, 1_000])
  })

  it('ends on abort, even while it waits', async () => {
    const abort = new AbortController()
    const done = listWatch({
      transport: script([failed('refused')]).transport,
      path,
      signal: abort.signal,
      read: (object) => object,
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

const expired: WatchEvent = {
  type: 'ERROR',
  object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' },
}

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
function script(steps: Step[], onEnd: () => void = () => {}, bytesPerEvent = 0) {
  const left = [...steps]
  const requests: unknown[] = []
  const idleTimeouts: unknown[] = []
  const timeouts: unknown[] = []
  const take = (query: unknown) => {
    const step = left.shift()
    if (step) requests.push(query)
    else onEnd()
    if (!step || step instanceof ClusterError) throw step ?? failed('aborted')
    return step
  }
  const transport: Transport = {
    open: () => Promise.reject(new Error('Nothing passes through here.')),
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the interface's own claim
    request: async <T>(request: KubeRequest) => {
      timeouts.push(request.timeoutMs)
      const step = take(request.query)
      if (!('body' in step)) throw new Error('The script has no list here.')
      return { status: 200, body: step.body as T, auditId: null, warnings: [] }
    },
    watch: async function* (request: WatchRequest) {
      const step = take(request.query)
      if (!('events' in step)) throw new Error('The script has no watch here.')
      idleTimeouts.push(request.idleTimeoutMs)
      request.onOpen?.()
      for (const event of step.events) {
        request.onBytes?.(bytesPerEvent)
        yield event
      }
      if (step.error) throw step.error
    },
    renew: () => false,
    heardAt: () => 0,
    close: async () => {},
  }
  return { transport, requests, idleTimeouts, timeouts }
}

/** Runs through the steps with time that stands still and waits that end at once. */
async function play(
  steps: Step[],
  options: {
    random?: number
    now?: () => number
    budget?: Partial<Budget>
    pace?: Pace
    breaks?: Breaks
    bytesPerEvent?: number
    /** A wait came to its end. */
    onWait?: (ms: number) => void
    read?: (object: KubeObject) => KubeObject | null
    /** Where it ends, before the steps do. */
    until?: ListWatchState['phase']
  } = {},
) {
  const abort = new AbortController()
  const log: string[] = []
  const messages: string[] = []
  let dropped = 0
  const delays: number[] = []
  const { idleTimeouts, requests, timeouts, transport } = script(
    steps,
    () => abort.abort(),
    options.bytesPerEvent,
  )
  const timing: Timing = {
    now: options.now ?? (() => 0),
    setTimeout: (callback, ms) =>
      setImmediate(() => {
        delays.push(ms)
        options.onWait?.(ms)
        callback()
      }),
    clearTimeout: (timer) => clearImmediate(timer as NodeJS.Immediate),
    random: () => options.random ?? 0.5,
  }
  await listWatch({
    transport,
    path,
    signal: abort.signal,
    timing,
    budget: { ...kindBudget, ...options.budget },
    ...(options.pace && { pace: options.pace }),
    ...(options.breaks && { breaks: options.breaks }),
    read: options.read ?? ((object) => object),
    onDropped: () => (dropped += 1),
    onReplace: (items, resourceVersion) =>
      log.push(`replace ${items.map(nameOf).join(',')} @${resourceVersion}`),
    onEvent: ({ object, type }) => log.push(`${type} ${nameOf(object)}`),
    onState: (state) => {
      log.push(describeState(state))
      if (state.phase === 'retrying') messages.push(state.error.message)
      if (state.phase === options.until) abort.abort()
    },
  })
  return { log, delays, messages, requests, idleTimeouts, timeouts, dropped: () => dropped }
}

function nameOf(object: KubeObject): string {
  return object.metadata?.name ?? ''
}

function describeState(state: ListWatchState): string {
  return state.phase === 'retrying' ? `retrying ${state.error.kind}` : state.phase
}
