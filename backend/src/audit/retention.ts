import { randomUUID } from 'node:crypto'
import type { Clock, Job, JobRound } from '#context'
import type { Database } from '#db'
import type { Logger } from '#log'
import { chainStart } from './chain.ts'
import { emitAudit } from './emit.ts'
import { findCheckpoint, findLastBefore, removeRowsUpTo } from './store.ts'

/** Once a day, because each sweep that removes anything is a row itself. */
const everySeconds = 24 * 60 * 60
const rowsAtOnce = 2000

type RetentionDeps = {
  db: Database
  now: Clock
  log: Logger
  /** Null keeps every row. */
  retentionSeconds: number | null
}

/** Removes rows that are older than the retention. */
export function createRetentionJob(deps: RetentionDeps): Job {
  return {
    name: 'audit.retention',
    everySeconds,
    isLeased: true,
    failure: 'old rows of the audit log could not be removed',
    run: (round) => removeOldRows(deps, round),
  }
}

/** Removes the oldest rows, as far as all of them are over the retention; the last one stays as the checkpoint. */
export async function removeOldRows(deps: RetentionDeps, round?: JobRound): Promise<void> {
  if (deps.retentionSeconds === null) return
  const until = new Date(deps.now().getTime() - deps.retentionSeconds * 1000)
  for (;;) {
    const removed = await removeSome(deps, until, round)
    if (removed < rowsAtOnce || round?.signal.aborted) return
  }
}

function removeSome(
  { db, log, now }: RetentionDeps,
  until: Date,
  round?: JobRound,
): Promise<number> {
  return db.transaction(async (tx) => {
    await round?.lease?.check(tx)
    // Rows are written meanwhile.
    await tx.lock('audit-chain')
    const last = await findLastBefore(tx, until, rowsAtOnce)
    if (last === null) return 0
    // Rows from before there was a chain have no hash: the first that has one follows on the start.
    const hash = last.hash ?? (await findCheckpoint(tx))?.hash ?? chainStart
    const rows = await removeRowsUpTo(tx, { seq: last.seq, hash, removedAt: now() })
    const ctx = { actor: { type: 'system' as const }, requestId: randomUUID(), ip: null, now, log }
    await emitAudit(tx, ctx, {
      action: 'audit.retention',
      outcome: 'success',
      target: { seq: last.seq, hash },
      after: { removed: rows, before: until.toISOString() },
    })
    return rows
  })
}
