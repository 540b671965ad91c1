import { createHash } from 'node:crypto'
import type { Clock } from '#context'
import type { Database } from '#db'
import type { ClusterCredential } from '#kube'
import type { Logger } from '#log'
import { findInstanceRow, insertFirstSight, selectInstances, updateLearnt } from './store.ts'

/** What shows which cluster answers: `uid` is null where the credential may not read it, `place` is where it answers. */
export type ClusterSight = { uid: string | null; place: string }

/** Remembers which cluster stands behind each instance's name. */
export type ClusterIdentities = {
  load(): Promise<void>
  /** Whether a cluster was ever seen behind this name. */
  has(id: string): boolean
  /**
   * Whether this cluster is the one that the name stands for; the first to be seen is. A cluster that does not tell its
   * uid is known by its place, and is not the one that told a uid before. The database is asked only about a cluster that
   * this process does not know. Never rejects.
   */
  check(id: string, sight: ClusterSight): Promise<boolean>
  /** Those whose last check the database did not answer: they are not the same, and not known to be others. */
  unanswered: ReadonlySet<string>
  /** An administrator confirmed this cluster, and that is durable. */
  accept(id: string, identity: string): void
}

/** What is recorded of a cluster: its uid, else its place. */
export function identityOf({ place, uid }: ClusterSight): string {
  return uid ?? place
}

/** The address behind its authority: TLS vouches that one cluster answers there. */
export function placeOf({ ca, server, tlsServerName, verifyTls }: ClusterCredential): string {
  const place = JSON.stringify([server, ca, tlsServerName, verifyTls])
  return `place:${createHash('sha256').update(place).digest('hex')}`
}

/** Without a database the memory ends with the process. */
export function createClusterIdentities(options: {
  db: Database | null
  now: Clock
  log: Logger
}): ClusterIdentities {
  const { db, log, now } = options
  const known = new Map<string, string>()
  const unanswered = new Set<string>()

  const recall = async (database: Database, id: string, sight: ClusterSight): Promise<string> => {
    const identity = identityOf(sight)
    const row = await findInstanceRow(database, id)
    if (row && !isLearnt(row.clusterUid, sight)) return row.clusterUid
    await database.transaction((tx) =>
      row
        ? updateLearnt(tx, id, { from: row.clusterUid, to: identity })
        : insertFirstSight(tx, { id, clusterUid: identity, firstSeenAt: now() }),
    )
    return (await findInstanceRow(database, id))?.clusterUid ?? identity
  }

  const remember = (id: string, sight: ClusterSight): string => {
    const before = known.get(id)
    return before === undefined || isLearnt(before, sight) ? identityOf(sight) : before
  }

  return {
    load: async () => {
      if (db === null) return
      for (const { clusterUid, id } of await selectInstances(db)) known.set(id, clusterUid)
    },
    has: (id) => known.has(id),
    check: async (id, sight) => {
      const identity = identityOf(sight)
      if (known.get(id) === identity) {
        unanswered.delete(id)
        return true
      }
      try {
        // Another replica may have seen it first, or its administrator confirmed it.
        const recorded = db === null ? remember(id, sight) : await recall(db, id, sight)
        known.set(id, recorded)
        unanswered.delete(id)
        return recorded === identity
      } catch (error) {
        // What cannot be known to be the same cluster gets nobody's rights.
        unanswered.add(id)
        log.warn({ error, instance: id }, 'which cluster this is could not be looked up')
        return false
      }
    },
    unanswered,
    accept: (id, identity) => {
      unanswered.delete(id)
      known.set(id, identity)
    },
  }
}

/** Whether the cluster of this place tells its uid now, after it did not. */
function isLearnt(recorded: string, { place, uid }: ClusterSight): boolean {
  return recorded === place && uid !== null
}

/** The same address behind the same authority: TLS vouches that it is the same cluster. */
export function isSamePlace(a: ClusterCredential, b: ClusterCredential): boolean {
  return (
    a.server === b.server &&
    a.ca === b.ca &&
    a.tlsServerName === b.tlsServerName &&
    a.verifyTls &&
    b.verifyTls
  )
}
