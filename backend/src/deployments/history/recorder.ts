import type { Instances } from '#clusters'
import { isCaller, type Clock, type RequestContext } from '#context'
import type { Database } from '#db'
import type { Fleet } from '#fleet'
import type { KubeObject, Timing } from '#kube'
import type { Logger } from '#log'
import type { SealedText } from '#secrets'
import { readRevision, revisionIdOf, type SeenRevision } from './read-revision.ts'
import { findRevisionIds, putRevisions, type RevisionRow } from './store.ts'

/** Writes down the specs that deployments have. */
export type Recorder = {
  /** What the hub itself made of a deployment, for whom. */
  record(ctx: Pick<RequestContext, 'actor'>, instance: string, object: KubeObject): void
  /** Resolves when what was seen up to now is written. Throws what the database says. */
  flush(): Promise<void>
  /** Follows what clusters tell. Returns what stops that. */
  follow(): () => void
}

type Waiting = SeenRevision & {
  id: string
  clusterUid: string
  by: { principal: string; name: string | null } | null
}

const gatherMs = 500
const retryMs = 5_000
const batch = 200
/** More than any hub has deployments; what is over is seen again at the next list. */
const waitingMax = 30_000
const rememberedMax = 50_000

/**
 * One row for each generation, whichever replica sees it. A status changes nothing here: of each deployment the latest
 * generation that was written is remembered. Rows are written some at a time, those that are there already not at all.
 */
export function createRecorder(deps: {
  db: Database
  fleet: Pick<Fleet, 'onObject'>
  instances: Pick<Instances, 'find'>
  sealed: SealedText
  log: Logger
  now: Clock
  timing: Timing
}): Recorder {
  const { db, fleet, instances, log, now, sealed, timing } = deps
  const waiting = new Map<string, Waiting>()
  /** By cluster and uid, the latest generation that was taken on. */
  const latest = new Map<string, number>()
  let timer: unknown = null
  let writing: Promise<void> | null = null
  let stopped = false

  const remember = (key: string, generation: number) => {
    latest.delete(key)
    latest.set(key, generation)
    if (latest.size > rememberedMax) latest.delete(latest.keys().next().value!)
  }

  const add = (instance: string, object: KubeObject, by: Waiting['by']) => {
    const clusterUid = instances.find(instance)?.clusterUid
    if (!clusterUid || stopped) return
    const { generation, uid } = object.metadata ?? {}
    const key = `${clusterUid}/${uid}`
    if (by === null && latest.get(key) === generation) return
    const seen = readRevision(object, now())
    if (!seen) return
    const id = revisionIdOf(clusterUid, seen)
    // What the hub made it knows better than the watch, which may tell of it first.
    if (by === null && waiting.has(id)) return
    if (waiting.size >= waitingMax) return
    remember(key, seen.generation)
    waiting.set(id, { ...seen, id, clusterUid, by })
    schedule(gatherMs)
  }

  const schedule = (ms: number) => {
    if (stopped) return
    timer ??= timing.setTimeout(() => {
      timer = null
      flush().catch((error: unknown) => {
        log.warn({ error }, 'the history of deployments could not be written; it is tried again')
        schedule(retryMs)
      })
    }, ms)
  }

  const writeAll = async () => {
    while (waiting.size > 0) {
      const some = [...waiting.values()].slice(0, batch)
      await writeSome(db, sealed, some)
      for (const each of some) if (waiting.get(each.id) === each) waiting.delete(each.id)
    }
  }
  const flush = () => (writing ??= writeAll().finally(() => (writing = null)))

  return {
    record: ({ actor }, instance, object) => {
      const by = isCaller(actor) ? { principal: actor.principal, name: actor.displayName } : null
      add(instance, object, by)
    },
    flush,
    follow: () => {
      const unsubscribe = fleet.onObject((instance, object) => add(instance, object, null))
      return () => {
        stopped = true
        unsubscribe()
        timing.clearTimeout(timer)
      }
    },
  }
}

async function writeSome(
  db: Database,
  sealed: SealedText,
  some: readonly Waiting[],
): Promise<void> {
  const known = await findRevisionIds(
    db,
    some.map(({ id }) => id),
  )
  const rows: RevisionRow[] = []
  for (const { by, spec, ...seen } of some) {
    const there = known.get(seen.id)
    if (there && (by === null || there.isByHub)) continue
    rows.push({
      ...seen,
      by: by?.principal ?? null,
      byName: by?.name ?? null,
      specSealed: await sealed.seal(JSON.stringify(spec)),
      goneAt: null,
    })
  }
  if (rows.length > 0) await db.transaction((tx) => putRevisions(tx, rows))
}
