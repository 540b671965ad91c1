import type { AuditPage, AuditQuery } from '@hub/shared'
import type { RequestContext } from '#context'
import { authorize, hubWide } from '#rbac'
import { presentListedRow } from './present.ts'
import { findPage } from './find-rows.ts'

/** Actors that are no person and no program. */
const nobody: ReadonlySet<string> = new Set(['system', 'anonymous'])

export interface AuditListDeps {
  /** What people and programs are called; those whom nobody knows are left out. */
  findNames: (
    ctx: RequestContext,
    principals: readonly string[],
  ) => Promise<ReadonlyMap<string, string>>
}

/** A page of the audit log, newest first. Throws what `authorize` throws. */
export async function listAudit(
  ctx: RequestContext,
  { findNames }: AuditListDeps,
  query: AuditQuery,
): Promise<AuditPage> {
  authorize(ctx, 'audit.view', hubWide)
  const { cursor, limit, ...filter } = query
  const before = cursor === undefined ? null : Number(cursor)
  const { reached, rows } = await findPage(ctx.db, filter, { before, limit: limit + 1 })
  const items = rows.slice(0, limit)
  const nextSeq = rows.length > limit ? items.at(-1)!.seq : (reached?.seq ?? null)
  const named = items.map(({ actor }) => actor).filter((actor) => !nobody.has(actor))
  const names = await findNames(ctx, named)
  return {
    items: items.map((row) => presentListedRow(row, names)),
    next: nextSeq === null ? null : String(nextSeq),
    searchedTo: rows.length > limit ? null : (reached?.occurredAt?.toISOString() ?? null),
  }
}
