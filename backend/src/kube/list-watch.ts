import {
  createPace,
  createPageCount,
  createRate,
  kindBudget,
  type Budget,
  type Pace,
} from './budget.ts'
import {
  ClusterError,
  networkError,
  startingError,
  statusError,
  type ClusterErrorKind,
} from './cluster-error.ts'
import type { KubePath } from './kube-path.ts'
import { isRecord, type KubeList, type KubeObject, type WatchEvent } from './objects.ts'
import { sleep, systemTiming, type Timing } from './timing.ts'
import type { Query, Transport } from './transport/transport.ts'

export type ListWatchEvent = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubeObject }

/** `retrying`: what was delivered may be stale until `synced` comes again. */
export type ListWatchState =
  | { phase: 'listing' }
  | { phase: 'synced' }
  /** The watch is open and says nothing although something should be said. Lists are all that is heard. */
  | { phase: 'silent'; error: ClusterError }
  | { phase: 'retrying'; error: ClusterError; delayMs: number }

export type ListWatchOptions<T = KubeObject> = {
  transport: Transport
  path: KubePath
  /** Selectors. */
  query?: Query
  /** Ends the loop. */
  signal: AbortSignal
  /**
   * What is kept of an object of a list, null for nothing: of a list that is far larger than what is kept, memory holds
   * what is kept. What it throws ends the list.
   */
  read: (object: KubeObject) => T | null
  /** Everything there is as of `resourceVersion`; replaces all that was delivered before. May throw ClusterError. */
  onReplace: (items: T[], resourceVersion: string) => void
  /** May throw ClusterError. */
  onEvent: (event: ListWatchEvent) => void
  onState: (state: ListWatchState) => void
  /** The cluster said how things are, or that nothing changed: a list ended, or a line of the watch came. */
  onHeard?: () => void
  /** A list that was being read came to nothing: what `read` gave is not kept. */
  onDropped?: () => void
  budget?: Budget
  /** Shared by all that read the same cluster. Default: one of its own. */
  pace?: Pace
  timing?: Timing
}

const pageLimit = 500
const pageMsMax = 60_000
/** Who read less than this has not to wait because others read much. */
const pacedBytesMin = 256 * 1024
/** A watch that lived this long or said anything proves the cluster well: the back-off starts over. */
const healthyAfterMs = 10_000
const delayMinMs = 500
const delayMaxMs = 30_000
const retryAfterMaxMs = 300_000
/** After a kind was over its budget, which nothing but a change on the cluster mends; doubled with each failure. */
const tooMuchDelayMs = { min: 300_000, max: 1_800_000 }
/** A past that is gone is listed anew at once, but no more often than this. */
const hastyRelistMs = 30_000
/** API servers send bookmarks about once a minute. After one that is missed the watch is opened anew where it stood. */
const rewatchAfterMs = 65_000
/** After two the watch is dead: only a list tells how things are. */
export const deadAfterMs = 2 * rewatchAfterMs - 1_000
/** What such a list may take before what is known counts as old. */
const checkGraceMs = 2_000
/** A server that ends each watch after a word must not be asked in a tight loop. */
const watchSpacingMs = 1_000
/** For so long after a break what a cluster refuses, or does not know, may be what it did not load yet. */
const settlingMs = 60_000
const settlingDelayMaxMs = 4_000
/** No watch is asked to end so soon: one that did broke. */
const watchMsMin = 235_000
/** After these, or the early end of a watch, a cluster may be starting. */
const breakKinds: ReadonlySet<ClusterErrorKind> = new Set([
  'dns',
  'refused',
  'timeout',
  'proxy',
  'server',
  'throttled',
])
/** What only an administrator can mend, or the cluster itself while it starts. */
const deniedKinds: ReadonlySet<ClusterErrorKind> = new Set([
  'unauthorized',
  'forbidden',
  'not-found',
])

/**
 * Keeps up with one collection of objects until the signal aborts: list, watch from there, and again from where it
 * stopped, relisting only when the cluster says that the past is gone. Whatever the cluster answers, it costs no more
 * than the budget. Resolves on abort and never rejects.
 */
export async function listWatch<T>(options: ListWatchOptions<T>): Promise<void> {
  const { signal, timing = systemTiming } = options
  let phase: ListWatchState['phase'] | null = null
  const report = (state: ListWatchState) => {
    if (state.phase === phase && state.phase !== 'retrying') return
    phase = state.phase
    options.onState(state)
  }
  const rate = createRate(options.budget ?? kindBudget, timing.now)
  const rest = createRest(options, timing)
  let position: string | null = null
  let failures = 0
  let hastyAt = Number.NEGATIVE_INFINITY
  let brokeAt = Number.NEGATIVE_INFINITY
  let heardAt = timing.now()
  /** Whether a watch of this collection ever said a word: then it says one every minute. */
  let hasSpoken = false
  /** Until the watch says something again, lists alone keep up. */
  let isSilent = false
  /** Whether nothing failed since it was last heard of: what it did not tell, it kept back. */
  let isUnbroken = true
  /** How many there are, by the last list and what was told since. */
  let population = 0
  const settle = () => report(isSilent ? { phase: 'silent', error: silent() } : { phase: 'synced' })
  const hear = () => {
    heardAt = timing.now()
    isUnbroken = true
    options.onHeard?.()
  }
  const hearLine = () => {
    hasSpoken = true
    isSilent = false
    hear()
    settle()
  }
  const isDead = () => timing.now() - heardAt >= deadAfterMs

  /** Reads anew what a watch would not tell, and whether it held something back. */
  const check = async (since: string): Promise<string> => {
    const grace = timing.setTimeout(
      () => report({ phase: 'silent', error: silent() }),
      checkGraceMs,
    )
    try {
      const { newest, objects, resourceVersion } = await relist(options, timing, rest)
      const isHeldBack = isLater(newest, since) || objects !== population
      isSilent ||= isUnbroken && (hasSpoken || isHeldBack)
      population = objects
      hear()
      settle()
      return resourceVersion
    } finally {
      timing.clearTimeout(grace)
    }
  }

  while (!signal.aborted) {
    let watchedSince = Number.POSITIVE_INFINITY
    let heard = false
    const isHealthy = () => heard || timing.now() - watchedSince >= healthyAfterMs
    try {
      if (position === null) {
        report({ phase: 'listing' })
        const { objects, resourceVersion } = await relist(options, timing, rest)
        position = resourceVersion
        population = objects
        hear()
        settle()
      } else if (isDead()) {
        position = await check(position)
      }
      watchedSince = timing.now()
      const watch: AsyncGenerator<string, void, undefined> = watchFrom(options, position, timing, {
        onBytes: (count) => {
          rate.addBytes(count)
          rest.add(count)
        },
        onLine: (type) => {
          rate.addChange()
          hearLine()
          if (type === 'ADDED') population += 1
          if (type === 'DELETED') population -= 1
        },
        onOpen: settle,
      })
      for await (const next of watch) {
        heard = true
        position = next
        const resting = rest.take()
        if (!resting) continue
        const restsSince = timing.now()
        await resting
        rate.addHeldBack(timing.now() - restsSince)
      }
      failures = isHealthy() ? 0 : failures + 1
      const lastedMs = timing.now() - watchedSince
      if (lastedMs < watchMsMin) brokeAt = timing.now()
      if (failures > 0) await sleep(timing, chooseDelay(failures, null, timing), signal)
      else if (lastedMs < watchSpacingMs) await sleep(timing, watchSpacingMs - lastedMs, signal)
    } catch (thrown) {
      if (signal.aborted) return
      const error = networkError(thrown)
      if (isHealthy() && error.kind !== 'too-much') failures = 0
      if (!keepsPosition.has(error.kind)) position = null
      failures += 1
      isUnbroken = false
      if (error.kind === 'gone' && failures === 1 && timing.now() - hastyAt >= hastyRelistMs) {
        hastyAt = timing.now()
        continue
      }
      if (breakKinds.has(error.kind)) brokeAt = timing.now()
      const isStarting = deniedKinds.has(error.kind) && timing.now() - brokeAt < settlingMs
      const told = isStarting ? startingError(error) : error
      const delayMs = chooseDelay(failures, told, timing)
      report({ phase: 'retrying', error: told, delayMs })
      await sleep(timing, delayMs, signal)
    }
  }
}

type Rest = { add(bytes: number): void; take(): Promise<void> | undefined }

/** Waits where a cluster sends faster than it is read. */
function createRest<T>(options: ListWatchOptions<T>, timing: Timing): Rest {
  const { pace = createPace(timing.now) } = options
  let bytes = 0
  return {
    add: (count) => {
      bytes += count
      pace.add(count)
    },
    take: () => {
      const aheadMs = bytes < pacedBytesMin ? 0 : pace.aheadMs()
      if (aheadMs === 0) return undefined
      bytes = 0
      return sleep(timing, aheadMs, options.signal)
    },
  }
}

function silent(): ClusterError {
  return new ClusterError('silent', { message: 'says nothing of what changes there' })
}

/** After these the past is still good; after any other (expiry, silence, nonsense) something may have been missed. */
const keepsPosition: ReadonlySet<ClusterErrorKind> = new Set([
  'dns',
  'refused',
  'proxy',
  'tls',
  'unauthorized',
  'throttled',
  'server',
  'aborted',
])

async function relist<T>(
  options: ListWatchOptions<T>,
  timing: Timing,
  rest: Rest,
): Promise<{ resourceVersion: string; newest: string; objects: number }> {
  const { budget = kindBudget } = options
  let newest = '0'
  let objects = 0
  const items: T[] = []
  const count = createPageCount(budget, timing.now)
  const take = (object: KubeObject, bytes: number) => {
    count.addItem(bytes)
    objects += 1
    const version = object.metadata?.resourceVersion
    if (isLater(version, newest)) newest = version
    const kept = options.read(object)
    if (kept !== null) items.push(kept)
    rest.add(bytes)
    return rest.take()
  }
  const drop = () => {
    items.length = 0
    objects = 0
    options.onDropped?.()
  }
  let limit: number | undefined = pageLimit
  let next: string | undefined
  try {
    for (;;) {
      try {
        const { body }: { body: KubeList } = await options.transport.request<KubeList>({
          method: 'GET',
          path: options.path,
          query: { ...options.query, limit, continue: next },
          signal: options.signal,
          // All of it in one answer takes as long as all its pages would.
          timeoutMs: limit === undefined ? count.leftMs() : Math.min(pageMsMax, count.leftMs()),
          isList: true,
          bytesMax: count.leftBytes(),
          onItem: take,
        })
        const resourceVersion = body.metadata?.resourceVersion
        if (typeof resourceVersion !== 'string') {
          throw new ClusterError('protocol', { message: 'answered with something that is no list' })
        }
        for (const item of Array.isArray(body.items) ? body.items : []) {
          if (isRecord(item)) await take(item, 0)
        }
        next = readToken(body)
        if (next !== undefined) {
          count.addPage(next)
          continue
        }
        options.onReplace(items, resourceVersion)
        return { resourceVersion, newest, objects }
      } catch (error) {
        // The list outlived its continue token: ask once more, for all of it in one answer.
        if (!(error instanceof ClusterError) || error.kind !== 'gone' || limit === undefined)
          throw error
        drop()
        next = undefined
        limit = undefined
      }
    }
  } catch (error) {
    drop()
    // A page that took too long at the end of the time for all of them is no mere silence.
    if (error instanceof ClusterError && error.kind === 'timeout') count.leftMs()
    throw error
  }
}

/** Where the next page begins; undefined after the last. */
function readToken({ metadata }: KubeList): string | undefined {
  const token: unknown = metadata?.continue
  if (token === undefined || token === null || token === '') return undefined
  if (typeof token === 'string') return token
  throw new ClusterError('protocol', { message: 'answered with something that is no list' })
}

/** Whether one resourceVersion is later than another; of what is no number nobody can say. */
function isLater(version: unknown, than: string): version is string {
  const isNumber = (text: unknown): text is string =>
    typeof text === 'string' && /^\d{1,40}$/.test(text)
  return isNumber(version) && isNumber(than) && BigInt(version) > BigInt(than)
}

/** Delivers events; yields the resourceVersion reached. Ends when the server ends the watch, or says nothing in it. */
async function* watchFrom<T>(
  options: ListWatchOptions<T>,
  position: string,
  timing: Timing,
  on: {
    onBytes: (count: number) => void
    onLine: (type: WatchEvent['type']) => void
    onOpen: () => void
  },
): AsyncGenerator<string, void, undefined> {
  const timeoutSeconds = 240 + Math.floor(timing.random() * 61)
  const quiet = limitSilence(timing, options.signal)
  try {
    const events = options.transport.watch({
      path: options.path,
      query: {
        ...options.query,
        resourceVersion: position,
        allowWatchBookmarks: true,
        timeoutSeconds,
      },
      signal: quiet.signal,
      idleTimeoutMs: (timeoutSeconds + 30) * 1000,
      onOpen: on.onOpen,
      onBytes: on.onBytes,
    })
    for await (const event of events) {
      on.onLine(event.type)
      quiet.restart()
      // Expiry also comes as a 200 that says so in its first line.
      if (event.type === 'ERROR') throw describeExpiry(event.object)
      if (event.type !== 'BOOKMARK') options.onEvent({ type: event.type, object: event.object })
      const resourceVersion = event.object.metadata?.resourceVersion
      if (typeof resourceVersion === 'string' && resourceVersion !== '') yield resourceVersion
    }
  } catch (error) {
    // What ended it is our own word.
    if (!quiet.isOver()) throw error
  } finally {
    quiet.clear()
  }
}

/** A signal that aborts with `outer`, or when nothing was said for as long as a bookmark may take. */
function limitSilence(timing: Timing, outer: AbortSignal) {
  const controller = new AbortController()
  const abort = () => controller.abort()
  let isOver = false
  let saidAt = timing.now()
  let timer: unknown
  const wait = (ms: number) => {
    timer = timing.setTimeout(() => {
      const leftMs = saidAt + rewatchAfterMs - timing.now()
      if (leftMs > 0) return wait(leftMs)
      isOver = true
      abort()
    }, ms)
  }
  if (outer.aborted) abort()
  else outer.addEventListener('abort', abort)
  wait(rewatchAfterMs)
  return {
    signal: controller.signal,
    restart: () => void (saidAt = timing.now()),
    isOver: () => isOver,
    clear: () => {
      timing.clearTimeout(timer)
      outer.removeEventListener('abort', abort)
    },
  }
}

/** An ERROR event ends what the watch can tell, whatever its code: the way on is a new list. */
function describeExpiry(status: KubeObject): ClusterError {
  const code = typeof status.code === 'number' ? status.code : 410
  const { message, reason, retryAfterSeconds } = statusError({ status: code, body: status })
  return new ClusterError('gone', { message, status: code, reason, retryAfterSeconds })
}

/** Exponential with full jitter; slow where only an administrator can help; never sooner than the cluster asks. */
function chooseDelay(failures: number, error: ClusterError | null, timing: Timing): number {
  if (error?.kind === 'too-much') {
    const { max, min } = tooMuchDelayMs
    return Math.min(max, min * 2 ** (failures - 1)) * (1 - 0.2 * timing.random())
  }
  const needsAdministrator = error !== null && deniedKinds.has(error.kind)
  const longest = error?.kind === 'starting' ? settlingDelayMaxMs : delayMaxMs
  const ceiling = needsAdministrator ? longest : Math.min(longest, delayMinMs * 2 ** failures)
  const floor = needsAdministrator ? delayMaxMs / 2 : delayMinMs
  const jittered = floor + timing.random() * (ceiling - floor)
  const asked = Math.min((error?.retryAfterSeconds ?? 0) * 1000, retryAfterMaxMs)
  return Math.max(jittered, asked)
}
