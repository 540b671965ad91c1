import type { GrantOrigin, GrantOriginList } from '@hub/shared'
import type { RequestContext } from '#context'
import { authorize, hubWide } from '#rbac'
import type { AccessDeps } from './deps.ts'
import { countingPrincipals, getHolder, type Holder } from './find-holder.ts'
import { selectVouched } from './grants.ts'
import { findMappedGrants } from './mapped-grants.ts'
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
  return {
    items: await readGrantOrigins(ctx, deps, grantee, holder),
    configFile: deps.configured.file(),
  }
}

export async function readGrantOrigins(
  ctx: Pick<RequestContext, 'actor' | 'db' | 'now'>,
  deps: AccessDeps,
  grantee: Grantee,
  holder: Holder,
): Promise<GrantOrigin[]> {
  const rows = await selectVouched(
    ctx.db,
    deps.rules,
    await findGrantRows(ctx.db, grantee),
    holder.identities ?? [],
  )
  const isMapped = rows.some(({ mappingId }) => mappingId !== null)
  const mappings = new Map(
    (isMapped ? await findMappings(ctx.db) : []).map((mapping) => [mapping.id, mapping]),
  )
  const now = ctx.now()
  const names = await deps.findNames(
    ctx,
    rows.map(({ createdBy }) => createdBy),
  )
  const principals = countingPrincipals(holder, deps.rules)
  const configured = deps.configured
    .grants()
    .filter(({ principal }) => principals.includes(principal))
  const mapped =
    'userId' in grantee ? await findMappedGrants(ctx.db, deps, grantee.userId, now) : []
  return [
    ...configured.map(presentConfigured),
    ...mapped.map(({ mapping, row }) => ({
      ...presentGrantOrigin(row, mapping, { names, now }),
      createdAt: null,
      createdBy: null,
      createdByName: null,
      file: deps.configured.file()?.path ?? null,
    })),
    ...rows
      .toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
      .map((row) => presentGrantOrigin(row, mappings.get(row.mappingId ?? ''), { names, now })),
  ]
}
