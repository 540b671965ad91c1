import type { AuditPage, AuditQuery } from '@hub/shared'
import type { RequestContext } from '#context'
import { authorize, hubWide } from '#rbac'
import { presentRow } from './present.ts'
import { findPage } from './find-rows.ts'

/** A page of the audit log, newest first. Throws what `authorize` throws. */
export async function listAudit(ctx: RequestContext, query: AuditQuery): Promise<AuditPage> {
  authorize(ctx, 'audit.view', hubWide)
  const { cursor, limit, ...filter } = query
  const before = cursor === undefined ? null : Number(cursor)
  const { reached, rows } = await findPage(ctx.db, filter, { before, limit: limit + 1 })
  const items = rows.slice(0, limit)
  const nextSeq = rows.length > limit ? items.at(-1)!.seq : (reached?.seq ?? null)
  return {
    items: items.map(presentRow),
    next: nextSeq === null ? null : String(nextSeq),
    searchedTo: rows.length > limit ? null : (reached?.occurredAt?.toISOString() ?? null),
  }
}
