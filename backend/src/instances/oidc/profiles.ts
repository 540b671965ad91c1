import { OidcProfileInput, type OidcProfile } from '@hub/shared'
import { emitAudit } from '#audit'
import { describeActor, type RequestContext } from '#context'
import type { Reader } from '#db'
import { AppError } from '#errors'
import { authorize, requireFresh } from '#rbac'
import { requireInstance } from '../get-instance.ts'
import type { InstanceDeps } from '../list-instances.ts'
import { deleteProfileRow, findProfileRow, putProfileRow, type OidcProfileRow } from './store.ts'

/** What the configuration file says of instances. */
export type ConfiguredProfiles = {
  of(instance: string): OidcProfileInput | undefined
  modifiedAt(): Date
  /** The sentence for whoever wants to change what stands in the file. */
  describe(what: string): string
}

/** How people sign in to each cluster: what the configuration file says, else what is kept. */
export type Profiles = {
  /** Whoever asks; null where nobody said so. */
  find(reader: Reader, instance: string): Promise<OidcProfile | null>
  configured: ConfiguredProfiles
}

export function createProfiles(configured: ConfiguredProfiles): Profiles {
  return {
    configured,
    async find(reader, instance) {
      const inFile = configured.of(instance)
      if (inFile) {
        const changedAt = configured.modifiedAt()
        return presentProfile(inFile, { source: 'config', changedAt, changedBy: null })
      }
      const row = await findProfileRow(reader, instance)
      return row ? presentRow(row) : null
    },
  }
}

export type ProfileDeps = Pick<InstanceDeps, 'instances'> & { profiles: Profiles }

/** How people sign in to this cluster themselves. Throws `not-found` where nobody said so. */
export async function getProfile(
  ctx: RequestContext,
  deps: ProfileDeps,
  instance: string,
): Promise<OidcProfile> {
  requireInstance(ctx, deps, instance)
  const profile = await deps.profiles.find(ctx.db, instance)
  if (profile) return profile
  throw new AppError('not-found', {
    detail: `Instance "${instance}" has no OIDC profile: nobody has said yet how people sign in to that cluster themselves. An administrator can.`,
  })
}

/**
 * Throws what `authorize`, `requireInstance` and `requireFresh` throw, and `conflict` where the configuration file says it.
 */
export async function putProfile(
  ctx: RequestContext,
  deps: ProfileDeps,
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
  return presentRow(row)
}

export async function deleteProfile(
  ctx: RequestContext,
  deps: ProfileDeps,
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

function requireManaged(ctx: RequestContext, deps: ProfileDeps, instance: string): void {
  authorize(ctx, 'instance.manage', { instance, namespace: null })
  requireInstance(ctx, deps, instance)
  requireFresh(ctx, { allowBearer: true })
  const { configured } = deps.profiles
  if (!configured.of(instance)) return
  throw new AppError('conflict', {
    detail: configured.describe(`The OIDC profile of instance "${instance}"`),
  })
}

function presentRow({ changedAt, changedBy, profile }: OidcProfileRow): OidcProfile {
  const origin = { source: 'manual', changedAt, changedBy } as const
  return presentProfile(OidcProfileInput.parse(profile), origin)
}

function presentProfile(
  read: OidcProfileInput,
  { changedAt, ...origin }: Pick<OidcProfile, 'source' | 'changedBy'> & { changedAt: Date },
): OidcProfile {
  return {
    issuer: read.issuer,
    clientId: read.clientId,
    usernameClaim: read.usernameClaim,
    // By the file of an API server it is none, by its flags the default: one spelling is told.
    usernamePrefix: read.usernamePrefix === '' ? '-' : (read.usernamePrefix ?? null),
    groupsClaim: read.groupsClaim ?? null,
    groupsPrefix: read.groupsPrefix ?? null,
    extraScopes: read.extraScopes ?? [],
    needsSecret: read.needsSecret ?? false,
    server: read.server ?? null,
    changedAt: changedAt.toISOString(),
    ...origin,
  }
}
