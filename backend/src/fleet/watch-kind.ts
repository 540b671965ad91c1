import {
  createLedger,
  deadAfterMs,
  kindBudget,
  listWatch,
  type Breaks,
  type Budget,
  type ClusterError,
  type KubeObject,
  type KubePath,
  type Ledger,
  type ListWatchEvent,
  type ListWatchState,
  type Pace,
  type Query,
  type Size,
  type Timing,
  type Transport,
} from '#kube'

export type KindState = {
  /** Whether what is known is up to date, as far as `covered` goes. */
  synced: boolean
  /** Whether anything was ever read. */
  known: boolean
  /** The only namespaces the credential may list in; null where it may list in all. */
  covered: ReadonlySet<string> | null
  /** When the cluster last said how it is, in the time of `timing`: for all that is known of it. Null before it did. */
  heardAt: number | null
  /** Why it is not synced, or not in all namespaces. */
  error: ClusterError | null
}

export type KindWatch = {
  state(): KindState
  /** Waits after a failure, or was not heard of for long: where the cluster is back it had better begin anew. */
  isWaiting(): boolean
  /** The candidates may be others than they were: they are looked into now, not only at the next try. */
  lookAround(): void
  stop(): void
}

export type KindWatchOptions<T> = {
  transport: Transport
  timing: Timing
  /** All objects of the kind, or those of one namespace. */
  path: (namespace: string | null) => KubePath
  /** Selectors. */
  query?: Query | undefined
  /** Where to look when listing all is forbidden; null for a kind that has no namespaces. */
  candidates: (() => readonly string[]) | null
  /** What is kept of an object, null for nothing, and about how many bytes that takes. */
  read: (object: KubeObject) => { kept: T; bytes: number } | null
  onReplace: (items: T[], resourceVersion: string, namespace: string | null) => void
  onEvent: (event: ListWatchEvent) => void
  /** Of what is kept by now. */
  size: () => Size
  /** Of all kinds of the instance together: what is kept, and what is being read. */
  ledgers?: { kept: Ledger; reading: Ledger }
  budget?: Budget
  /** Of all that reads the same cluster. */
  pace?: Pace
  /** Likewise. */
  breaks?: Breaks
  onState: (latest: ListWatchState) => void
  /** The cluster said how things are, or that nothing changed. */
  onHeard?: () => void
  /** Every loop, for whoever waits for the end of all. */
  track: (loop: Promise<void>) => void
}

type Scope = {
  abort: AbortController
  state: ListWatchState
  synced: boolean
  known: boolean
  heardAt: number | null
  /** Why it is not synced; it counts until it is. */
  error: ClusterError | null
}

/** Shorter interruptions do not make a list incomplete for anyone. */
const graceMs = 2_000
/** A watch says a word about once a minute. */
const unheardMs = 65_000
/** Each is a connection of its own. */
const namespacesMax = 50

/**
 * Watches one kind on one instance. Where the credential may not list all of it, the candidate namespaces are tried each
 * on its own, until listing all is allowed after all.
 */
export function watchKind<T>(options: KindWatchOptions<T>): KindWatch {
  const { budget = kindBudget, ledgers } = options
  const limits = { objectsMax: budget.objectsKeptMax, bytesMax: budget.bytesKeptMax }
  const kept = createLedger(limits, ledgers?.kept).open()
  const reading = createLedger(limits, ledgers?.reading)
  const scopes = new Map<string | null, Scope>()
  let stopped = false

  const stopScope = (namespace: string | null) => {
    scopes.get(namespace)?.abort.abort()
    scopes.delete(namespace)
  }

  const startScope = (namespace: string | null) => {
    const abort = new AbortController()
    const scope: Scope = {
      abort,
      state: { phase: 'listing' },
      synced: false,
      known: false,
      heardAt: null,
      error: null,
    }
    scopes.set(namespace, scope)
    const isCurrent = () => !stopped && scopes.get(namespace) === scope
    const list = reading.open()
    let read: Size = { objects: 0, bytes: 0 }
    const forget = () => {
      read = { objects: 0, bytes: 0 }
      list.close()
    }
    const loop = listWatch<T>({
      transport: options.transport,
      path: options.path(namespace),
      ...(options.query && { query: options.query }),
      signal: abort.signal,
      timing: options.timing,
      budget,
      ...(options.pace && { pace: options.pace }),
      ...(options.breaks && { breaks: options.breaks }),
      read: (object) => {
        const trimmed = options.read(object)
        if (trimmed === null) return null
        read = { objects: read.objects + 1, bytes: read.bytes + trimmed.bytes }
        list.set(read)
        return trimmed.kept
      },
      onDropped: forget,
      onHeard: () => {
        scope.heardAt = options.timing.now()
        options.onHeard?.()
      },
      onReplace: (items, resourceVersion) => {
        forget()
        if (!isCurrent()) return
        options.onReplace(items, resourceVersion, namespace)
        kept.set(options.size())
      },
      onEvent: (event) => {
        if (!isCurrent()) return
        options.onEvent(event)
        kept.set(options.size())
      },
      onState: (state) => {
        if (isCurrent()) follow(namespace, scope, state)
      },
    })
    options.track(loop)
  }

  const follow = (namespace: string | null, scope: Scope, state: ListWatchState) => {
    scope.state = state
    if (state.phase === 'synced') {
      scope.synced = true
      scope.known = true
      scope.error = null
    }
    if ('error' in state) scope.error = state.error
    if (state.phase === 'silent') scope.synced = false
    if (state.phase === 'retrying') {
      const isOld = options.timing.now() - (scope.heardAt ?? 0) >= deadAfterMs
      if (state.delayMs >= graceMs || isOld) scope.synced = false
      if (namespace === null && state.error.kind === 'forbidden') narrow()
      // Nothing of it is good for long, and its memory is wanted back.
      if (state.error.kind === 'too-much') {
        options.onReplace([], '', namespace)
        kept.set(options.size())
        scope.known = false
      }
    }
    if (namespace === null && scope.synced) {
      for (const each of scopes.keys()) if (each !== null) stopScope(each)
    }
    options.onState(state)
  }

  const narrow = () => {
    const namespaces = new Set(options.candidates?.().slice(0, namespacesMax))
    for (const each of scopes.keys()) {
      if (each === null || namespaces.has(each)) continue
      stopScope(each)
      // Nobody would hear any more of what becomes of it.
      options.onReplace([], '', each)
    }
    for (const each of namespaces) if (!scopes.has(each)) startScope(each)
  }

  startScope(null)
  const all = () => scopes.get(null)!

  return {
    state: () => {
      const { error, heardAt, known, synced } = all()
      if (synced) return { synced, known, covered: null, heardAt, error: null }
      const within = [...scopes].filter(([namespace, scope]) => namespace !== null && scope.synced)
      if (within.length === 0) return { synced, known, covered: null, heardAt, error }
      return {
        synced: true,
        known: true,
        covered: new Set(within.map(([namespace]) => namespace!)),
        heardAt: Math.min(...within.map(([, scope]) => scope.heardAt!)),
        error,
      }
    },
    isWaiting: () =>
      [...scopes.values()].some(
        ({ heardAt, state }) =>
          'error' in state || options.timing.now() - (heardAt ?? 0) >= unheardMs,
      ),
    lookAround: () => {
      const { state } = all()
      if (!stopped && state.phase === 'retrying' && state.error.kind === 'forbidden') narrow()
    },
    stop: () => {
      stopped = true
      kept.close()
      for (const { abort } of scopes.values()) abort.abort()
    },
  }
}
