import { describeActor, type RequestContext } from '#context'
import type { Transaction } from '#db'
import type { Logger } from '#log'
import { insertAuditRow } from './store.ts'

export type AuditAction =
  | 'auth.sign-in'
  | 'auth.sign-out'
  | 'auth.setup'
  | 'auth.link'
  | 'token.create'
  | 'token.revoke'
  | 'service-principal.create'
  | 'auth.backchannel-logout'
  | 'session.revoke'
  | 'session.reuse'
  | 'user.disable'
  | 'user.enable'
  | 'user.link'
  | 'user.unlink'
  | 'group-mapping.create'
  | 'group-mapping.update'
  | 'group-mapping.delete'
  | 'grant.create'
  | 'grant.delete'
  | 'grant.sync'
  | 'deployment.create'
  | 'deployment.delete'
  | 'credential.put'
  | 'credential.delete'
  | 'credential.confirm'
  | 'access.denied'

/** `attempt` is written before a change on a cluster, its outcome after it. */
export type AuditOutcome = 'success' | 'failure' | 'denied' | 'attempt'

/** Values must hold no secret: they are kept for ever and go to the log. */
export type AuditEntry = {
  action: AuditAction
  outcome: AuditOutcome
  /** Who, where the context does not say it yet: a sign-in knows its actor only at its end. */
  actor?: { principal: string; userId: string | null }
  target?: Record<string, unknown>
  before?: Record<string, unknown>
  after?: Record<string, unknown>
  reason?: string
  clusterAuditId?: string | null
}

/** Writes one audit row in the caller's transaction, and one log line once it is durable. */
export async function emitAudit(
  tx: Transaction,
  ctx: Pick<RequestContext, 'actor' | 'requestId' | 'ip' | 'now' | 'log'>,
  entry: AuditEntry,
): Promise<void> {
  const userId = ctx.actor.type === 'user' ? ctx.actor.userId : null
  const actor = entry.actor ?? { principal: describeActor(ctx.actor), userId }
  const row = {
    occurredAt: ctx.now(),
    actor: actor.principal,
    userId: actor.userId,
    action: entry.action,
    target: entry.target ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
    outcome: entry.outcome,
    reason: entry.reason ?? null,
    requestId: ctx.requestId,
    ip: ctx.ip,
    clusterAuditId: entry.clusterAuditId ?? null,
  }
  await insertAuditRow(tx, row)
  tx.afterCommit(() => logAudit(ctx.log, row))
}

/** One audit row in a transaction of its own. */
export async function recordAudit(
  ctx: Pick<RequestContext, 'actor' | 'requestId' | 'ip' | 'now' | 'log' | 'db'>,
  entry: AuditEntry,
): Promise<void> {
  await ctx.db.transaction((tx) => emitAudit(tx, ctx, entry))
}

function logAudit(log: Logger, row: Record<string, unknown>): void {
  log.info({ audit: row }, 'audit')
}
