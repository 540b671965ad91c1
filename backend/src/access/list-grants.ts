import type { GrantOrigin, GrantOriginList } from '@hub/shared'
import type { RequestContext } from '#context'
import { authorize, hubWide } from '#rbac'
import type { AccessDeps } from './deps.ts'
import { getHolder, type Holder } from './find-holder.ts'
import { presentConfigured, presentGrantOrigin } from './present.ts'
import { findGrantRows, findMappings, type Grantee } from './store.ts'

/** All grants of somebody, those of the configuration first. Throws what `authorize` throws, and `not-found`. */
export async function listGrants(
  ctx: RequestContext,
  deps: AccessDeps,
  grantee: Grantee,
): Promise<GrantOriginList> {
  authorize(ctx, 'grant.manage', hubWide)
  const holder = await getHolder(ctx.db, grantee)
  return { items: await readGrantOrigins(ctx, deps, grantee, holder) }
}

export async function readGrantOrigins(
  ctx: Pick<RequestContext, 'db' | 'now'>,
  deps: AccessDeps,
  grantee: Grantee,
  { principals, providers }: Holder,
): Promise<GrantOrigin[]> {
  const rows = await findGrantRows(ctx.db, grantee)
  const isMapped = rows.some(({ mappingId }) => mappingId !== null)
  const mappings = new Map(
    (isMapped ? await findMappings(ctx.db) : []).map((mapping) => [mapping.id, mapping]),
  )
  const now = ctx.now()
  const isVouched = (principal: string) => {
    const provider = providers.get(principal)
    return provider === undefined || deps.isEnabled(provider)
  }
  const configured = deps.grants.filter(
    ({ principal }) => principals.includes(principal) && isVouched(principal),
  )
  return [
    ...configured.map(presentConfigured),
    ...rows
      .toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
      .map((row) => presentGrantOrigin(row, mappings.get(row.mappingId ?? ''), now)),
  ]
}
