import { OidcProfileInput, type OidcProfile } from '@hub/shared'
import { emitAudit } from '#audit'
import { describeActor, type RequestContext } from '#context'
import type { Reader } from '#db'
import { AppError } from '#errors'
import { authorize, requireFresh } from '#rbac'
import { requireInstance } from '../get-instance.ts'
import type { InstanceDeps } from '../list-instances.ts'
import { deleteProfileRow, findProfileRow, putProfileRow, type OidcProfileRow } from './store.ts'

type Deps = Pick<InstanceDeps, 'instances'>

/** How people sign in to this cluster themselves. Throws `not-found` where nobody said so. */
export async function getProfile(
  ctx: RequestContext,
  deps: Deps,
  instance: string,
): Promise<OidcProfile> {
  requireInstance(ctx, deps, instance)
  const row = await findProfileRow(ctx.db, instance)
  if (!row) {
    throw new AppError('not-found', {
      detail: `Instance "${instance}" has no OIDC profile: nobody said how people sign in to that cluster themselves. An administrator can.`,
    })
  }
  return presentProfile(row)
}

/** Whoever asks; null where nobody said so. */
export async function findProfile(reader: Reader, instance: string): Promise<OidcProfile | null> {
  const row = await findProfileRow(reader, instance)
  return row ? presentProfile(row) : null
}

/** Throws what `authorize`, `requireInstance` and `requireFresh` throw. */
export async function putProfile(
  ctx: RequestContext,
  deps: Deps,
  instance: string,
  profile: OidcProfileInput,
): Promise<OidcProfile> {
  requireManaged(ctx, deps, instance)
  const row = {
    instanceId: instance,
    profile: { ...profile },
    changedAt: ctx.now(),
    changedBy: describeActor(ctx.actor),
  }
  await ctx.db.transaction(async (tx) => {
    const before = await findProfileRow(tx, instance)
    await putProfileRow(tx, row)
    await emitAudit(tx, ctx, {
      action: 'oidc-profile.put',
      outcome: 'success',
      target: { instance },
      ...(before && { before: before.profile }),
      after: row.profile,
    })
  })
  return presentProfile(row)
}

export async function deleteProfile(
  ctx: RequestContext,
  deps: Deps,
  instance: string,
): Promise<void> {
  requireManaged(ctx, deps, instance)
  await ctx.db.transaction(async (tx) => {
    const before = await findProfileRow(tx, instance)
    if (!before) return
    await deleteProfileRow(tx, instance)
    await emitAudit(tx, ctx, {
      action: 'oidc-profile.delete',
      outcome: 'success',
      target: { instance },
      before: before.profile,
    })
  })
}

function requireManaged(ctx: RequestContext, deps: Deps, instance: string): void {
  authorize(ctx, 'instance.manage', { instance, namespace: null })
  requireInstance(ctx, deps, instance)
  requireFresh(ctx, { allowBearer: true })
}

function presentProfile({ changedAt, changedBy, profile }: OidcProfileRow): OidcProfile {
  const read = OidcProfileInput.parse(profile)
  return {
    issuer: read.issuer,
    clientId: read.clientId,
    usernameClaim: read.usernameClaim,
    usernamePrefix: read.usernamePrefix ?? null,
    groupsClaim: read.groupsClaim ?? null,
    groupsPrefix: read.groupsPrefix ?? null,
    extraScopes: read.extraScopes ?? [],
    needsSecret: read.needsSecret ?? false,
    server: read.server ?? null,
    changedAt: changedAt.toISOString(),
    changedBy,
  }
}
