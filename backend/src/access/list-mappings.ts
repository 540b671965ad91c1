import type { GroupMapping, GroupMappingList, PageQuery } from '@hub/shared'
import * as z from 'zod'
import type { RequestContext } from '#context'
import type { Transaction } from '#db'
import { AppError } from '#errors'
import { readCursor, writeCursor } from '#operation'
import { countMembers } from '#people'
import { authorize, hubWide } from '#rbac'
import { describeFileOnly } from './configured.ts'
import type { AccessDeps } from './deps.ts'
import { presentMapping } from './present.ts'
import { countPeople, findMapping, findMappingPage, type MappingRow } from './store.ts'

/** Of a mapping of the configuration its id; else provider, group id and id. */
const Position = z.union([
  z.tuple([z.literal('config'), z.string()]),
  z.tuple([z.string(), z.string(), z.string()]),
])

/** A page of the group mappings. Throws what `authorize` throws, and `invalid-request` for a cursor that is none. */
export async function listMappings(
  ctx: RequestContext,
  deps: AccessDeps,
  { cursor, limit }: PageQuery,
): Promise<GroupMappingList> {
  authorize(ctx, 'group-mapping.manage', hubWide)
  const after = readCursor(cursor, Position)
  const inFile = deps.configured.mappings().toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const first = listFirst(inFile, after, limit)
  const isMoreInFile = inFile.at(-1)?.id !== first.at(-1)?.id && first.length === limit
  const { hasMore, rows, total } = await findMappingPage(ctx.db, {
    after: after?.length === 3 ? after : null,
    limit: limit - first.length,
  })
  const people = await countPeople(
    ctx.db,
    rows.map(({ id }) => id),
  )
  const last = rows.at(-1) ?? null
  const lastOfFirst = first.at(-1)
  const configFile = deps.configured.file()
  const knownSince = new Date(ctx.now().getTime() - deps.groupStaleSeconds * 1000)
  const items: GroupMapping[] = []
  for (const row of first) {
    const members = await countMembers(ctx.db, row, knownSince)
    items.push(presentMapping(row, members, configFile?.path))
  }
  const next = last
    ? [last.provider, last.groupId, last.id]
    : lastOfFirst && ['config', lastOfFirst.id]
  return {
    items: [...items, ...rows.map((row) => presentMapping(row, people.get(row.id) ?? 0))],
    total: total + inFile.length,
    next: (hasMore || isMoreInFile) && next ? writeCursor(next) : null,
    configFile,
  }
}

/** Those of the configuration go before all others. */
function listFirst(
  inFile: readonly MappingRow[],
  after: z.infer<typeof Position> | null,
  limit: number,
): readonly MappingRow[] {
  if (after?.length === 3) return []
  return inFile.filter(({ id }) => after === null || id > after[1]).slice(0, limit)
}

/** Throws `not-found`, and `conflict` for one of the configuration. */
export async function getMappingRow(
  tx: Transaction,
  { configured }: AccessDeps,
  id: string,
): Promise<MappingRow> {
  if (configured.mappings().some((mapping) => mapping.id === id)) {
    throw new AppError('conflict', { detail: describeFileOnly('This group mapping', configured) })
  }
  const row = await findMapping(tx, id)
  if (row) return row
  throw new AppError('not-found', {
    detail: 'There is no such group mapping. It may have been deleted: refresh the list.',
  })
}

export async function readMapping(ctx: RequestContext, row: MappingRow): Promise<GroupMapping> {
  return presentMapping(row, (await countPeople(ctx.db, [row.id])).get(row.id) ?? 0)
}
