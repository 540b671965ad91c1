import type { AuditOutcome } from '@hub/shared'
import { describeActor, type RequestContext } from '#context'
import type { Transaction } from '#db'
import { hashRow, toStorable } from './chain.ts'
import { findLastLink, insertAuditRow } from './store.ts'

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
  | 'user.withdraw'
  | 'user.link'
  | 'user.unlink'
  | 'group-mapping.create'
  | 'group-mapping.update'
  | 'group-mapping.delete'
  | 'config-file.apply'
  | 'grant.create'
  | 'grant.delete'
  | 'grant.sync'
  | 'grant.end'
  | 'access-request.create'
  | 'access-request.withdraw'
  | 'access-request.approve'
  | 'access-request.refuse'
  | 'deployment.chat'
  | 'deployment.create'
  | 'deployment.update'
  | 'deployment.delete'
  | 'binding.create'
  | 'binding.delete'
  | 'oidc-profile.put'
  | 'oidc-profile.delete'
  | 'oidc-profile.try'
  | 'instance-policy.put'
  | 'instance-policy.delete'
  | 'instance.close'
  | 'instance.open'
  | 'template.create'
  | 'template.update'
  | 'template.delete'
  | 'credential.put'
  | 'credential.delete'
  | 'credential.confirm'
  | 'confirmation.request'
  | 'confirmation.approve'
  | 'confirmation.refuse'
  | 'confirmation.use'
  | 'access.denied'
  | 'audit.export'
  | 'audit.retention'

/** Values must hold no secret: they are kept for ever and go to the log. */
export type AuditEntry = {
  action: AuditAction
  outcome: AuditOutcome
  /** Who, where the context does not say it: a sign-in knows its actor only at its end. */
  actor?: { principal: string; userId: string | null }
  target?: Record<string, unknown>
  before?: Record<string, unknown>
  after?: Record<string, unknown>
  reason?: string
  clusterAuditId?: string | null
}

/** No index takes a page of text, and whose token names them by one is refused no row for it. */
const actorLengthMax = 1_000

/**
 * Writes one audit row at the end of the caller's transaction, chained to the row before, and one log line once it is
 * durable. At the end, because whoever holds the chain waits for nobody's rows.
 */
export async function emitAudit(
  tx: Transaction,
  ctx: Pick<RequestContext, 'actor' | 'requestId' | 'ip' | 'now' | 'log' | 'via'>,
  entry: AuditEntry,
): Promise<void> {
  const actor = entry.actor ?? identifyActor(ctx.actor)
  const occurredAt = ctx.now()
  const content = toStorable({
    actor: actor.principal.slice(0, actorLengthMax),
    userId: actor.userId,
    action: entry.action,
    target: withCredential(entry.target, ctx.actor),
    before: entry.before ?? null,
    after: entry.after ?? null,
    outcome: entry.outcome,
    reason: entry.reason ?? null,
    requestId: ctx.requestId,
    ip: ctx.ip,
    clusterAuditId: entry.clusterAuditId ?? null,
    via: ctx.via ?? null,
  })
  tx.beforeCommit(async () => {
    await tx.lock('audit-chain')
    const last = await findLastLink(tx)
    const numbered = { seq: last.seq + 1, occurredAt, ...content }
    const row = { ...numbered, previousHash: last.hash, hash: hashRow(numbered, last.hash) }
    await insertAuditRow(tx, row)
    tx.afterCommit(() => ctx.log.info({ audit: row }, 'audit'))
  })
}

export function identifyActor(actor: RequestContext['actor']): {
  principal: string
  userId: string | null
} {
  return {
    principal: describeActor(actor),
    userId: actor.type === 'user' ? actor.userId : null,
  }
}

/** With what they came: one person has several sessions and tokens, and one of them may be in other hands. */
export function withCredential(
  target: AuditEntry['target'],
  actor: RequestContext['actor'],
): Record<string, unknown> | null {
  const credential = actor.type === 'user' ? actor.credential : null
  switch (credential?.type) {
    case 'token':
      return { ...target, byToken: credential.id }
    case 'session':
      return { ...target, bySession: credential.id }
    case 'jwt':
    case 'local':
    case undefined:
      return target ?? null
  }
}

/** One audit row in a transaction of its own. */
export async function recordAudit(
  ctx: Pick<RequestContext, 'actor' | 'requestId' | 'ip' | 'now' | 'log' | 'db' | 'via'>,
  entry: AuditEntry,
): Promise<void> {
  await ctx.db.transaction((tx) => emitAudit(tx, ctx, entry))
}
