import type { AuditPage, AuditQuery } from '@hub/shared'
import type { RequestContext } from '#context'
import { authorize, hubWide } from '#rbac'
import { presentRow } from './present.ts'
import { findPage } from './store.ts'

/** A page of the audit log, newest first. Throws what `authorize` throws. */
export async function listAudit(ctx: RequestContext, query: AuditQuery): Promise<AuditPage> {
  authorize(ctx, 'audit.view', hubWide)
  const { cursor, limit, ...filter } = query
  const before = cursor === undefined ? null : Number(cursor)
  const rows = await findPage(ctx.db, filter, { before, limit: limit + 1 })
  const items = rows.slice(0, limit)
  return {
    items: items.map(presentRow),
    next: rows.length > limit ? String(items.at(-1)!.seq) : null,
  }
}
