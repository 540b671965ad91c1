import type { GroupMapping, GroupMappingList, PageQuery } from '@hub/shared'
import * as z from 'zod'
import type { RequestContext } from '#context'
import type { Transaction } from '#db'
import { AppError } from '#errors'
import { readCursor, writeCursor } from '#operation'
import { authorize, hubWide } from '#rbac'
import { presentMapping } from './present.ts'
import { countPeople, findMapping, findMappingPage, type MappingRow } from './store.ts'

/** Provider, group id and id. */
const Position = z.tuple([z.string(), z.string(), z.string()])

/** A page of the group mappings. Throws what `authorize` throws, and `invalid-request` for a cursor that is none. */
export async function listMappings(
  ctx: RequestContext,
  { cursor, limit }: PageQuery,
): Promise<GroupMappingList> {
  authorize(ctx, 'group-mapping.manage', hubWide)
  const after = readCursor(cursor, Position)
  const { hasMore, rows, total } = await findMappingPage(ctx.db, { after, limit })
  const people = await countPeople(
    ctx.db,
    rows.map(({ id }) => id),
  )
  const last = rows.at(-1)
  return {
    items: rows.map((row) => presentMapping(row, people.get(row.id) ?? 0)),
    total,
    next: hasMore && last ? writeCursor([last.provider, last.groupId, last.id]) : null,
  }
}

/** Throws `not-found`. */
export async function getMappingRow(tx: Transaction, id: string): Promise<MappingRow> {
  const row = await findMapping(tx, id)
  if (row) return row
  throw new AppError('not-found', {
    detail: 'There is no such group mapping. It may have been deleted: read the list again.',
  })
}

export async function readMapping(ctx: RequestContext, row: MappingRow): Promise<GroupMapping> {
  return presentMapping(row, (await countPeople(ctx.db, [row.id])).get(row.id) ?? 0)
}
