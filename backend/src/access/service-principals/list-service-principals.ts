import type { PageQuery, ServicePrincipal, ServicePrincipalList } from '@hub/shared'
import * as z from 'zod'
import type { RequestContext } from '#context'
import { readCursor, writeCursor } from '#operation'
import { authorize, hubWide } from '#rbac'
import { presentServicePrincipal } from '../present.ts'
import { servicePrincipalNotFound } from '../find-holder.ts'
import { findServicePrincipal, findServicePrincipalPage } from './store.ts'

/** The principal. */
const Position = z.tuple([z.string()])

/**
 * A page of the programs that have presented a token, in the order of their principals. Throws what `authorize` throws,
 * and `invalid-request` for a cursor that is none.
 */
export async function listServicePrincipals(
  ctx: RequestContext,
  { cursor, limit }: PageQuery,
): Promise<ServicePrincipalList> {
  authorize(ctx, 'grant.manage', hubWide)
  const after = readCursor(cursor, Position)
  const { hasMore, rows, total } = await findServicePrincipalPage(ctx.db, { after, limit })
  const last = rows.at(-1)
  return {
    items: rows.map(presentServicePrincipal),
    total,
    next: hasMore && last ? writeCursor([last.principal]) : null,
  }
}

/** Throws what `authorize` throws, and `not-found`. */
export async function getServicePrincipal(
  ctx: RequestContext,
  id: string,
): Promise<ServicePrincipal> {
  authorize(ctx, 'grant.manage', hubWide)
  const row = await findServicePrincipal(ctx.db, { id })
  if (!row) throw servicePrincipalNotFound()
  return presentServicePrincipal(row)
}
