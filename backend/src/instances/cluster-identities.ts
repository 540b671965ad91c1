import type { Clock } from '#context'
import type { Database } from '#db'
import type { Logger } from '#log'
import { findInstanceRow, insertFirstSight, selectInstances } from './store.ts'

/** Remembers which cluster stands behind each instance's name. */
export type ClusterIdentities = {
  load(): Promise<void>
  /** Whether a cluster was ever seen under this name. */
  has(id: string): boolean
  /**
   * Whether this cluster is the one that the name stands for; the first to be seen is. The database is asked only about
   * a cluster that this process does not know. Never rejects.
   */
  check(id: string, uid: string): Promise<boolean>
  /** An administrator confirmed this cluster, and that is durable. */
  accept(id: string, uid: string): void
}

/** Without a database the memory ends with the process. */
export function createClusterIdentities(options: {
  db: Database | null
  now: Clock
  log: Logger
}): ClusterIdentities {
  const { db, log, now } = options
  const known = new Map<string, string>()

  const recall = async (database: Database, id: string, uid: string): Promise<string> => {
    const row = await findInstanceRow(database, id)
    if (row) return row.clusterUid
    await database.transaction((tx) =>
      insertFirstSight(tx, { id, clusterUid: uid, firstSeenAt: now() }),
    )
    return (await findInstanceRow(database, id))?.clusterUid ?? uid
  }

  return {
    load: async () => {
      if (db === null) return
      for (const { clusterUid, id } of await selectInstances(db)) known.set(id, clusterUid)
    },
    has: (id) => known.has(id),
    check: async (id, uid) => {
      if (known.get(id) === uid) return true
      try {
        // Another replica may have seen it first, or its administrator confirmed it.
        const recorded = db === null ? (known.get(id) ?? uid) : await recall(db, id, uid)
        known.set(id, recorded)
        return recorded === uid
      } catch (error) {
        // What cannot be known to be the same cluster gets nobody's rights.
        log.warn({ error, instance: id }, 'which cluster this is could not be looked up')
        return false
      }
    },
    accept: (id, uid) => void known.set(id, uid),
  }
}
