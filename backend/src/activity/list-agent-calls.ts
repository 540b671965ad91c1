import { OwnAgentCall, type ActivityQuery, type AgentCallPage } from '@hub/shared'
import { findAgentCalls, type AgentCallRow } from '#audit'
import type { RequestContext } from '#context'
import { requireUser } from '#rbac'
import type { SealedText } from '#secrets'
import { openCursor } from './open-cursor.ts'
import { idOf, targetOf } from './present.ts'

/** What agents changed in the caller's own name and were refused, newest first. Throws as `requireUser`, and `invalid-request`. */
export type ListAgentCalls = (ctx: RequestContext, query: ActivityQuery) => Promise<AgentCallPage>

export function createAgentCallList(cursors: SealedText): ListAgentCalls {
  return async (ctx, { cursor, limit }) => {
    const { userId } = requireUser(ctx.actor)
    const before = cursor === undefined ? null : await openCursor(cursors, cursor)
    const rows = await findAgentCalls(ctx.db, { userId, before, limit: limit + 1 })
    const items = rows.slice(0, limit)
    const last = rows.length > limit ? items.at(-1) : undefined
    return {
      items: items.map(present),
      next: last ? await cursors.seal(String(last.seq)) : null,
    }
  }
}

function present(row: AgentCallRow): OwnAgentCall {
  const { action, occurredAt, outcome, reason, via } = row
  return {
    id: idOf(row),
    at: occurredAt.toISOString(),
    action,
    target: targetOf(row),
    outcome: OwnAgentCall.shape.outcome.parse(outcome),
    reason,
    via,
  }
}
