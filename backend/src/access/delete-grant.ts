import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { authorize, hubWide, requireFresh } from '#rbac'
import { requireAdministrator } from './administrators.ts'
import { describeFileOnly } from './configured.ts'
import type { AccessDeps } from './deps.ts'
import { announceGrants, getHolder } from './find-holder.ts'
import { mappedGrantId } from './mapped-grants.ts'
import { presentScope } from './present.ts'
import { announceEndOfRequest } from './requests/end-request.ts'
import { deleteGrants, findGrantRows, type Grantee } from './store.ts'

/**
 * Takes back what was granted by hand or on request. Throws what `authorize` and `requireFresh` throw, `not-found`, and
 * `conflict` for what a group or the configuration gives, and where nobody would administer the hub any more.
 */
export async function deleteGrant(
  ctx: RequestContext,
  deps: AccessDeps,
  grantee: Grantee,
  id: string,
): Promise<void> {
  authorize(ctx, 'grant.manage', hubWide)
  requireFresh(ctx, { allowBearer: true })
  await ctx.db.transaction(async (tx) => {
    await tx.lock('administrators')
    const { principals } = await getHolder(tx, grantee)
    refuseConfigured(deps, principals, id)
    const row = (await findGrantRows(tx, grantee)).find((each) => each.id === id)
    if (!row) {
      throw new AppError('not-found', {
        detail: 'They have no such grant. It may have been deleted: refresh the list.',
      })
    }
    if (row.source === 'group') {
      throw new AppError('conflict', {
        detail:
          'This grant comes from a group and cannot be edited by hand: change the group mapping, or who is in the group.',
      })
    }
    await deleteGrants(tx, [id])
    if (row.role === 'admin') await requireAdministrator(tx, deps, row.endsAt === null, ctx.now())
    await announceGrants(tx, grantee)
    if (row.source === 'request') await announceEndOfRequest(tx, row, ctx.now())
    await emitAudit(tx, ctx, {
      action: 'grant.delete',
      outcome: 'success',
      target: { ...grantee, principals, grantId: id },
      before: {
        ...presentScope(row),
        source: row.source,
        endsAt: row.endsAt?.toISOString() ?? null,
      },
    })
  })
}

function refuseConfigured(
  { configured }: AccessDeps,
  principals: readonly string[],
  id: string,
): void {
  const found = configured
    .grants()
    .find(({ grant, principal }) => grant.id === id && principals.includes(principal))
  const isMapped = configured.mappings().some((mapping) => id === mappedGrantId(mapping))
  if (isMapped || found?.file !== undefined) {
    const what = isMapped ? 'The group mapping that gives this' : 'This grant'
    throw new AppError('conflict', { detail: describeFileOnly(what, configured) })
  }
  if (found === undefined) return
  throw new AppError('conflict', {
    detail:
      'This grant comes from the configuration: remove it from HUB_ADMINS or HUB_GRANTS and restart the hub.',
  })
}
