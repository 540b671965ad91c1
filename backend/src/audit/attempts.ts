import { randomUUID } from 'node:crypto'
import type { AuditOutcome } from '@hub/shared'
import type { Clock, JobRound, RequestContext } from '#context'
import type { Database } from '#db'
import type { Logger } from '#log'
import { emitAudit, identifyActor, withCredential, type AuditEntry } from './emit.ts'
import type { AttemptRow } from './rows.ts'
import { deleteAttempt, insertAttempt, setAttemptUnknown } from './store.ts'

type Ctx = Pick<RequestContext, 'actor' | 'requestId' | 'ip' | 'now' | 'log' | 'db' | 'via'>

/** A change that no transaction of ours can hold: on a cluster, or of a file. */
export type AttemptedChange = Pick<AuditEntry, 'action' | 'target' | 'before' | 'after'> & {
  /** What whoever settles it later needs to know. */
  evidence?: Record<string, unknown>
}

/** What came of a change. */
export type AttemptOutcome = {
  outcome: Extract<AuditOutcome, 'success' | 'failure' | 'unknown'>
  reason?: string
  clusterAuditId?: string | null
}

/** How long to wait before a row that could not be written is tried again. After that it is settled like a crash. */
const retryDelaysMs = [1_000, 5_000, 15_000]

/**
 * Writes the attempt, before anything is sent: a hub that dies half-way leaves a trace. Returns its id. Throws what the
 * database says, and then nothing may be sent.
 */
export async function beginAttempt(ctx: Ctx, change: AttemptedChange): Promise<string> {
  const { evidence = {}, ...entry } = change
  const id = randomUUID()
  const { principal, userId } = identifyActor(ctx.actor)
  await ctx.db.transaction(async (tx) => {
    await insertAttempt(tx, {
      id,
      requestId: ctx.requestId,
      occurredAt: ctx.now(),
      actor: principal,
      userId,
      ip: ctx.ip,
      action: entry.action,
      target: withCredential(entry.target, ctx.actor) ?? {},
      evidence,
      unknownAt: null,
      via: ctx.via ?? null,
    })
    await emitAudit(tx, ctx, { ...entry, outcome: 'attempt' })
  })
  return id
}

/**
 * Writes what came of an attempt. Never throws: the change is made or not made, whatever becomes of the row, so its
 * caller is told what was answered to it. A row that cannot be written is tried again, and settled later otherwise.
 */
export async function endAttempt(
  ctx: Ctx,
  id: string,
  change: AttemptedChange,
  ended: AttemptOutcome,
): Promise<void> {
  const { evidence: _, ...entry } = change
  const write = () =>
    ctx.db.transaction(async (tx) => {
      const isOpen =
        ended.outcome === 'unknown'
          ? await setAttemptUnknown(tx, id, ctx.now())
          : await deleteAttempt(tx, id)
      if (isOpen) await emitAudit(tx, ctx, { ...entry, ...ended })
    })
  try {
    await write()
  } catch (error) {
    ctx.log.error(
      { error, action: entry.action, target: entry.target, ...ended },
      'the audit row of what came of a change could not be written; it will be written or settled later',
    )
    writeLater(ctx.log, write, retryDelaysMs)
  }
}

/**
 * Writes what was found out about an attempt, once over all replicas. False where another one, or the request itself,
 * was first.
 */
export async function settleAttempt(
  { db, log, now }: { db: Database; log: Logger; now: Clock },
  attempt: AttemptRow,
  settled: AttemptOutcome & { reason: string; after?: Record<string, unknown> },
  round?: JobRound,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    await round?.lease?.check(tx)
    if (!(await deleteAttempt(tx, attempt.id))) return false
    const { actor, ip, requestId, userId, via } = attempt
    const ctx = { actor: { type: 'system' as const }, requestId, ip, now, log, via }
    await emitAudit(tx, ctx, {
      ...settled,
      actor: { principal: actor, userId },
      action: attempt.action as AuditEntry['action'],
      target: attempt.target,
    })
    return true
  })
}

function writeLater(
  log: Logger,
  write: () => Promise<void>,
  [delayMs, ...later]: readonly number[],
): void {
  if (delayMs === undefined) return
  setTimeout(() => {
    write().catch((error: unknown) => {
      log.warn({ error }, 'the audit row of what came of a change could still not be written')
      writeLater(log, write, later)
    })
  }, delayMs).unref()
}
