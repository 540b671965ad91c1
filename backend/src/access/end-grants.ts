import { randomUUID } from 'node:crypto'
import { emitAudit } from '#audit'
import type { Clock, Job, JobRound } from '#context'
import type { Database } from '#db'
import type { Logger } from '#log'
import { announceGrants, getHolder } from './find-holder.ts'
import { presentScope } from './present.ts'
import { announceEndOfRequest } from './requests/end-request.ts'
import {
  deleteGrants,
  endGrant,
  findDueGrants,
  findLongEndedGrants,
  granteeOf,
  type GrantRow,
} from './store.ts'

const everySeconds = 10
/** What ended stays for so long, to say why somebody may no more. */
const keptMs = 30 * 24 * 60 * 60 * 1000
const rowsAtOnce = 200

type EndDeps = { db: Database; now: Clock; log: Logger }

/** Writes down which grants have ended. */
export function createGrantEndsJob(deps: EndDeps): Job {
  return {
    name: 'access.grant-ends',
    everySeconds,
    isLeased: true,
    failure: 'grants that ended could not be written down',
    run: (round) => endGrants(deps, round),
  }
}

/**
 * A grant counts no more from its end on, wherever it is read. This notes it once, however many replicas look: in the
 * audit log, and to open streams, which lose at once what was lost.
 */
export async function endGrants(deps: EndDeps, round?: JobRound): Promise<void> {
  const { db, now } = deps
  for (;;) {
    const due = await findDueGrants(db, now(), rowsAtOnce)
    const failures: unknown[] = []
    for (const row of due) {
      await noteEnd(deps, row, round).catch((error: unknown) => failures.push(error))
    }
    // One that cannot be noted keeps no other from it.
    if (failures.length > 0) throw failures[0]
    if (due.length < rowsAtOnce || round?.signal.aborted) break
  }
  const old = await findLongEndedGrants(db, new Date(now().getTime() - keptMs), rowsAtOnce)
  if (old.length === 0) return
  await db.transaction(async (tx) => {
    await round?.lease?.check(tx)
    await deleteGrants(tx, old)
  })
}

async function noteEnd({ db, log, now }: EndDeps, row: GrantRow, round?: JobRound): Promise<void> {
  const grantee = granteeOf(row)
  await db.transaction(async (tx) => {
    await round?.lease?.check(tx)
    const endedAt = now()
    if (!(await endGrant(tx, row.id, endedAt))) return
    const { principals } = await getHolder(tx, grantee)
    await announceGrants(tx, grantee)
    if (row.source === 'request') await announceEndOfRequest(tx, row, endedAt)
    const ctx = { actor: { type: 'system' as const }, requestId: randomUUID(), ip: null, now, log }
    await emitAudit(tx, ctx, {
      action: 'grant.end',
      outcome: 'success',
      target: { ...grantee, principals, grantId: row.id },
      before: {
        ...presentScope(row),
        source: row.source,
        endsAt: row.endsAt?.toISOString() ?? null,
      },
    })
  })
}
