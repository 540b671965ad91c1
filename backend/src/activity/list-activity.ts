import type { ActivityList, ActivityQuery } from '@hub/shared'
import type { FindNames } from '#access'
import { findDone, type DoneRow } from '#audit'
import type { RequestContext } from '#context'
import type { Fleet, Visibility } from '#fleet'
import { unauthenticated } from '#rbac'
import type { SealedText } from '#secrets'
import { openCursor } from './open-cursor.ts'
import { actionsFor, isOfDeployment } from './policy.ts'
import { aboutOf, personOf, presentRow, targetOf } from './present.ts'

/** A page of who changed what. Throws `unauthenticated`, and `invalid-request` for a cursor that is none. */
export type ListActivity = (ctx: RequestContext, query: ActivityQuery) => Promise<ActivityList>

/** How many rows a page is looked for in, and how many of them at once. */
const searchedMax = 1_000
const searchedAtOnce = 100

export function createActivityList(deps: {
  fleet: Pick<Fleet, 'visibilityOf'>
  findNames: FindNames
  /** What a cursor stands for tells how many rows the log has: nobody reads or makes one. */
  cursors: SealedText
}): ListActivity {
  const { cursors, fleet, findNames } = deps
  return async (ctx, { cursor, limit }) => {
    if (ctx.actor.type === 'anonymous') throw unauthenticated(ctx.actor)
    const before = cursor === undefined ? null : await openCursor(cursors, cursor)
    const visibility = fleet.visibilityOf(ctx)
    const { next, rows } = await findVisible(ctx, visibility, { before, limit })
    const principals = rows.flatMap((row) => [personOf(row) ?? [], aboutOf(row) ?? []].flat())
    const names = await findNames(ctx, principals)
    return {
      items: rows.map((row) => presentRow(row, names)),
      next: next === null ? null : await cursors.seal(String(next)),
    }
  }
}

/** The rows that the caller may see; `next` is the row before which the next page begins, null where there is none. */
async function findVisible(
  ctx: RequestContext,
  visibility: Visibility,
  { before, limit }: { before: number | null; limit: number },
): Promise<{ rows: DoneRow[]; next: number | null }> {
  const actions = actionsFor(ctx)
  const rows: DoneRow[] = []
  let reached = before
  for (let searched = 0; searched < searchedMax; searched += searchedAtOnce) {
    const found = await findDone(ctx.db, { actions, before: reached, limit: searchedAtOnce })
    for (const row of found) {
      if (isVisible(visibility, row)) {
        if (rows.length === limit) return { rows, next: reached }
        rows.push(row)
      }
      reached = row.seq
    }
    if (found.length < searchedAtOnce) return { rows, next: null }
  }
  return { rows, next: reached }
}

/** Who hears of a deployment's change is who may see the deployment; of all else, who is given its rows at all. */
function isVisible(visibility: Visibility, row: DoneRow): boolean {
  if (!isOfDeployment(row.action)) return true
  const target = targetOf(row)
  return (
    target !== null &&
    target.namespace !== null &&
    visibility.sight(target.instance, target.namespace) !== null
  )
}
