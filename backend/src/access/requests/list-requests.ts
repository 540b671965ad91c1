import type { AccessRequestList, AccessRequestPage, AccessRequestsQuery } from '@hub/shared'
import * as z from 'zod'
import type { RequestContext } from '#context'
import { readCursor, writeCursor } from '#operation'
import { authorize, hubWide, requireUser } from '#rbac'
import type { AccessDeps } from '../deps.ts'
import { presentRequest, presentRequestOfUser } from './present.ts'
import { findRequestPage, findRequestsOf } from './store.ts'

const ownMax = 100

/** When it was made or decided, and its id. */
const Position = z.tuple([z.iso.datetime(), z.string()])

/** One's own requests, the latest first. Throws `unauthenticated`, and `forbidden` for a program. */
export async function listOwnRequests(ctx: RequestContext): Promise<AccessRequestList> {
  const { userId } = requireUser(ctx.actor)
  const rows = await findRequestsOf(ctx.db, userId, ownMax)
  const now = ctx.now()
  return { items: rows.map((row) => presentRequest(row, now)) }
}

/** A page of everybody's. Throws what `authorize` throws, and `invalid-request` for a cursor that is none. */
export async function listRequests(
  ctx: RequestContext,
  deps: Pick<AccessDeps, 'findNames' | 'hasInstance'>,
  { cursor, limit, status }: AccessRequestsQuery,
): Promise<AccessRequestPage> {
  authorize(ctx, 'grant.manage', hubWide)
  const position = readCursor(cursor, Position)
  const after = position && { at: new Date(position[0]), id: position[1] }
  const { hasMore, rows, total, waiting } = await findRequestPage(ctx.db, { status, after, limit })
  const deciders = rows.flatMap(({ request }) => request.decidedBy ?? [])
  const names = await deps.findNames(ctx, deciders)
  const last = rows.at(-1)?.request
  const lastAt = status === 'waiting' ? last?.createdAt : last?.decidedAt
  return {
    items: rows.map((row) => presentRequestOfUser(ctx, deps, row, names)),
    total,
    waiting,
    next: hasMore && last && lastAt ? writeCursor([lastAt.toISOString(), last.id]) : null,
  }
}
