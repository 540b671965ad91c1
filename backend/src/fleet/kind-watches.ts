import type { ClusterInstance } from '#clusters'
import {
  createBreaks,
  createLedger,
  createPace,
  instanceBytesKeptMax,
  type ApiGroup,
  type ClusterError,
  type Timing,
} from '#kube'
import type { Logger } from '#log'
import { firstListMs, type KindNow } from './describe-trouble.ts'
import { keepKind, type KindStores } from './kind-stores.ts'
import { collections, pathOf, queryOf, type Kind } from './kinds.ts'
import type { Snapshot } from './snapshot.ts'
import { watchKind, type KindState, type KindWatch } from './watch-kind.ts'

type Watched = {
  watch: KindWatch
  group: ApiGroup | null
  wasSynced: boolean
  /** Since when it is not up to date. */
  behindSince: number | null
}

/** The watches of one instance, by kind. */
export type KindWatches = {
  get(kind: Kind): Pick<Watched, 'watch' | 'group'> | undefined
  stateOf(kind: Kind): KindState | null
  /** How each does, and for how long it has not been up to date. */
  now(): KindNow[]
  start(kind: Kind, group: ApiGroup | null): void
  end(kind: Kind): void
  lookAround(): void
}

export function createKindWatches(options: {
  instance: () => ClusterInstance
  /** Where to look when listing all is forbidden. */
  candidates: () => readonly string[]
  kept: { snapshot: Snapshot; stores: KindStores }
  /** Whether a kind is up to date changed (`isTurn`), or why it is not. */
  onState: (kind: Kind, isTurn: boolean) => void
  /** The first list of deployments should have come by now. */
  onFirstList: () => void
  onBroken: (error: ClusterError) => void
  onHeard: () => void
  timing: Timing
  log: Logger
  track: (loop: Promise<void>) => void
}): KindWatches {
  const { instance, kept, log, timing } = options
  const watches = new Map<Kind, Watched>()
  const limits = { objectsMax: Number.POSITIVE_INFINITY, bytesMax: instanceBytesKeptMax }
  const ledgers = { kept: createLedger(limits), reading: createLedger(limits) }
  const pace = createPace(timing.now)
  // A watch is begun anew when the cluster is back: that it broke off has to outlive the old one.
  const breaks = createBreaks(timing.now)
  /** Of which listing all is refused, break or not. */
  const partial = new Set<Kind>()

  const start = (kind: Kind, group: ApiGroup | null) => {
    let entry: Watched | null = null
    entry = {
      group,
      wasSynced: false,
      behindSince: timing.now(),
      watch: watchKind<unknown>({
        transport: instance().transport,
        timing,
        path: (namespace) => pathOf(kind, group, namespace),
        query: queryOf(kind),
        candidates: collections[kind].isNamespaced ? options.candidates : null,
        ledgers,
        pace,
        ...(!partial.has(kind) && { breaks }),
        ...keepKind(kind, group, kept),
        onState: (latest) => {
          // Its first words come while it is being made.
          if (!entry) return
          const { covered, synced } = entry.watch.state()
          if (covered !== null) partial.add(kind)
          else if (synced) partial.delete(kind)
          if (latest.phase === 'retrying') {
            const { delayMs, error } = latest
            log.debug({ instance: instance().id, kind, error, delayMs }, 'watch interrupted')
            if (entry.wasSynced) options.onBroken(error)
          }
          const isTurn = synced !== entry.wasSynced
          entry.wasSynced = synced
          entry.behindSince = synced ? null : (entry.behindSince ?? timing.now())
          options.onState(kind, isTurn)
        },
        onHeard: options.onHeard,
        track: options.track,
      }),
    }
    watches.set(kind, entry)
    if (kind === 'deployments') timing.setTimeout(options.onFirstList, firstListMs)
  }

  return {
    get: (kind) => watches.get(kind),
    stateOf: (kind) => watches.get(kind)?.watch.state() ?? null,
    now: () =>
      [...watches].map(([kind, { behindSince, watch }]) => ({
        kind,
        state: watch.state(),
        behindMs: behindSince === null ? 0 : timing.now() - behindSince,
      })),
    start,
    end: (kind) => {
      watches.get(kind)?.watch.stop()
      watches.delete(kind)
    },
    lookAround: () => {
      for (const { watch } of watches.values()) watch.lookAround()
    },
  }
}
