import { ClusterError, networkError, statusError, type ClusterErrorKind } from './cluster-error.ts'
import type { KubePath } from './kube-path.ts'
import { isRecord, type KubeList, type KubeObject } from './objects.ts'
import { sleep, systemTiming, type Timing } from './timing.ts'
import type { Query, Transport } from './transport.ts'

export type ListWatchEvent = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubeObject }

/** `retrying`: what was delivered may be stale until `synced` comes again. */
export type ListWatchState =
  | { phase: 'listing' }
  | { phase: 'synced' }
  | { phase: 'retrying'; error: ClusterError; delayMs: number }

export type ListWatchOptions = {
  transport: Transport
  path: KubePath
  /** Selectors. */
  query?: Query
  /** Ends the loop. */
  signal: AbortSignal
  /** Everything there is as of `resourceVersion`; replaces all that was delivered before. */
  onReplace: (items: KubeObject[], resourceVersion: string) => void
  onEvent: (event: ListWatchEvent) => void
  onState: (state: ListWatchState) => void
  timing?: Timing
}

const pageLimit = 500
/** A watch that lived this long or said anything proves the cluster well: the back-off starts over. */
const healthyAfterMs = 10_000
const delayMinMs = 500
const delayMaxMs = 30_000
const retryAfterMaxMs = 300_000

/**
 * Keeps up with one collection of objects until the signal aborts: list, watch from there, and again from where it
 * stopped, relisting only when the cluster says that the past is gone. Resolves on abort and never rejects.
 */
export async function listWatch(options: ListWatchOptions): Promise<void> {
  const { signal, timing = systemTiming } = options
  let phase: ListWatchState['phase'] | null = null
  const report = (state: ListWatchState) => {
    if (state.phase === phase && state.phase !== 'retrying') return
    phase = state.phase
    options.onState(state)
  }
  let position: string | null = null
  let failures = 0
  while (!signal.aborted) {
    let watchedSince = Number.POSITIVE_INFINITY
    let heard = false
    const isHealthy = () => heard || timing.now() - watchedSince >= healthyAfterMs
    try {
      if (position === null) {
        report({ phase: 'listing' })
        position = await relist(options)
        report({ phase: 'synced' })
      }
      watchedSince = timing.now()
      for await (const next of watchFrom(options, position, timing, report)) {
        heard = true
        position = next
      }
      // A server that ends every watch at once must not be asked in a tight loop.
      failures = isHealthy() ? 0 : failures + 1
      if (failures > 0) await sleep(timing, chooseDelay(failures, null, timing), signal)
    } catch (thrown) {
      if (signal.aborted) return
      const error = networkError(thrown)
      if (isHealthy()) failures = 0
      if (!keepsPosition.has(error.kind)) position = null
      failures += 1
      if (error.kind === 'gone' && failures === 1) continue
      const delayMs = chooseDelay(failures, error, timing)
      report({ phase: 'retrying', error, delayMs })
      await sleep(timing, delayMs, signal)
    }
  }
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

async function relist(options: ListWatchOptions): Promise<string> {
  const items: KubeObject[] = []
  let limit: number | undefined = pageLimit
  let next: string | undefined
  for (;;) {
    try {
      const { body }: { body: KubeList } = await options.transport.request<KubeList>({
        method: 'GET',
        path: options.path,
        query: { ...options.query, limit, continue: next },
        signal: options.signal,
        timeoutMs: 60_000,
        isList: true,
      })
      const resourceVersion = body.metadata?.resourceVersion
      if (typeof resourceVersion !== 'string') {
        throw new ClusterError('protocol', { message: 'answered with something that is no list' })
      }
      for (const item of Array.isArray(body.items) ? body.items : []) {
        if (isRecord(item)) items.push(item)
      }
      next = body.metadata?.continue
      if (next) continue
      options.onReplace(items, resourceVersion)
      return resourceVersion
    } catch (error) {
      // The list outlived its continue token: ask once more, for all of it in one answer.
      if (!(error instanceof ClusterError) || error.kind !== 'gone' || limit === undefined)
        throw error
      items.length = 0
      next = undefined
      limit = undefined
    }
  }
}

/** Delivers events; yields the resourceVersion reached. Ends when the server ends the watch. */
async function* watchFrom(
  options: ListWatchOptions,
  position: string,
  timing: Timing,
  report: (state: ListWatchState) => void,
): AsyncGenerator<string, void, undefined> {
  const timeoutSeconds = 240 + Math.floor(timing.random() * 61)
  const events = options.transport.watch({
    path: options.path,
    query: {
      ...options.query,
      resourceVersion: position,
      allowWatchBookmarks: true,
      timeoutSeconds,
    },
    signal: options.signal,
    idleTimeoutMs: (timeoutSeconds + 30) * 1000,
    onOpen: () => report({ phase: 'synced' }),
  })
  for await (const event of events) {
    // Expiry also comes as a 200 that says so in its first line.
    if (event.type === 'ERROR') throw describeExpiry(event.object)
    if (event.type !== 'BOOKMARK') options.onEvent({ type: event.type, object: event.object })
    const resourceVersion = event.object.metadata?.resourceVersion
    if (typeof resourceVersion === 'string' && resourceVersion !== '') yield resourceVersion
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
  const needsAdministrator =
    error !== null && ['unauthorized', 'forbidden', 'not-found'].includes(error.kind)
  const ceiling = needsAdministrator ? delayMaxMs : Math.min(delayMaxMs, delayMinMs * 2 ** failures)
  const floor = needsAdministrator ? delayMaxMs / 2 : delayMinMs
  const jittered = floor + timing.random() * (ceiling - floor)
  const asked = Math.min((error?.retryAfterSeconds ?? 0) * 1000, retryAfterMaxMs)
  return Math.max(jittered, asked)
}
