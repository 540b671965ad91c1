import type { Maintenance } from '@hub/shared'
import type { Clock } from '#context'
import { keepRows, type Database } from '#db'
import type { Timing } from '#kube'
import type { Logger } from '#log'
import { selectMaintenance, type MaintenanceRow } from './store.ts'

/** Which instances are closed for new deployments, in memory. */
export type Closures = {
  /** For who looks: as it was read last. Null where the instance is open. */
  of(instance: string): Maintenance | null
  /** For who decides by it. Throws what the database says where memory may be old. */
  current(instance: string): Promise<Maintenance | null>
  follow(): () => void
}

/** Timers take no longer delay. */
const delayMsMax = 2 ** 31 - 1

export function createClosures(deps: {
  db: Database
  log: Logger
  now: Clock
  timing: Timing
  /** An instance was closed or opened, or is by now open again. */
  onChange: (instance: string) => void
}): Closures {
  const { db, log, now, onChange, timing } = deps
  let timer: unknown = null
  let stopped = false

  const isOpenAgain = ({ until }: MaintenanceRow) => until.getTime() <= now().getTime()
  const presentIn = (rows: readonly MaintenanceRow[] | null, instance: string) => {
    const row = rows?.find(({ instanceId }) => instanceId === instance)
    return row && !isOpenAgain(row) ? presentMaintenance(row) : null
  }

  /** Tells of the ends to come, each at its moment. */
  const awaitEnds = (rows: readonly MaintenanceRow[]) => {
    timing.clearTimeout(timer)
    const coming = rows.filter((row) => !isOpenAgain(row))
    if (stopped || coming.length === 0) return
    const next = Math.min(...coming.map(({ until }) => until.getTime()))
    const delayMs = Math.min(Math.max(next - now().getTime(), 1), delayMsMax)
    timer = timing.setTimeout(() => {
      for (const row of coming) if (isOpenAgain(row)) onChange(row.instanceId)
      awaitEnds(rows)
    }, delayMs)
  }

  const rows = keepRows({
    db,
    now,
    topic: 'maintenance',
    read: selectMaintenance,
    onChange: (latest, before) => {
      for (const id of findOthers(latest, before ?? [])) onChange(id)
      awaitEnds(latest)
    },
    onFailure: (error) =>
      log.warn({ error }, 'which instances are closed could not be read; it is read when asked'),
  })

  return {
    of: (instance) => presentIn(rows.latest(), instance),
    current: async (instance) => presentIn(await rows.current(), instance),
    follow: () => {
      const stop = rows.follow()
      return () => {
        stopped = true
        stop()
        timing.clearTimeout(timer)
      }
    },
  }
}

/** The instances whose row is another. */
function findOthers(
  latest: readonly MaintenanceRow[],
  before: readonly MaintenanceRow[],
): Set<string> {
  const tell = (rows: readonly MaintenanceRow[]) =>
    new Map(rows.map((row) => [row.instanceId, JSON.stringify(row)]))
  const [now, then] = [tell(latest), tell(before)]
  return new Set([...now.keys(), ...then.keys()].filter((id) => now.get(id) !== then.get(id)))
}

export function presentMaintenance({ by, reason, since, until }: MaintenanceRow): Maintenance {
  return { reason, until: until.toISOString(), by, since: since.toISOString() }
}
