import { randomUUID } from 'node:crypto'
import {
  findServicePrincipal,
  insertServicePrincipal,
  readGrants,
  type ServicePrincipalRow,
} from '#access'
import { emitAudit } from '#audit'
import type { Caller, GuestActor, RequestContext, ServiceActor, UserActor } from '#context'
import { AppError } from '#errors'
import {
  findCheckedIdentity,
  findCheckedPerson,
  findIdentitiesOfSubject,
  findIdentityFault,
  isIdentityEnabled,
  type CheckedIdentityOfUser,
  type CheckedPerson,
  type IdentityFault,
} from '#people'
import { unknownPerson } from '#rbac'
import { capGrants, findToken, presentToken, readBudget, type ApiTokenRow } from '#tokens'
import type { BearerDeps } from './deps.ts'
import { invalidToken, TokenFault, userDisabled } from './invalid-token.ts'
import type { AccessToken } from './jwt-issuer.ts'

export type FindContext = Pick<RequestContext, 'db' | 'now' | 'log' | 'requestId' | 'ip'>

/** A caller, when their use was last noted, and when what they presented ends. */
export type Found = { caller: Caller; usedAt: Date | null; endsAt: Date }

/**
 * The owner of an API token, with what it allows of their rights as of now. Throws `invalid-token` where the token or
 * the owner's provider is not good any more, `user-disabled`.
 */
export async function findTokenCaller(
  ctx: FindContext,
  deps: BearerDeps,
  id: string,
  /** Of the secret; a stream that is open has shown it before. */
  isSecret: (secretHash: string) => boolean,
): Promise<Found> {
  const token = await findToken(ctx.db, id)
  if (!token || !isSecret(token.secretHash)) throw invalidToken(new TokenFault('unknown'))
  const owner = await findCheckedPerson(ctx.db, token.userId)
  if (!owner) throw invalidToken(new TokenFault('unknown'))
  const { user } = owner
  if (user.disabledAt !== null) throw userDisabled()
  if (token.revokedAt !== null) throw invalidToken(new TokenFault(token.revokeReason ?? 'revoked'))
  if (ctx.now() >= token.expiresAt) throw invalidToken(new TokenFault('expired'))
  const caller = await readTokenActor(ctx, deps, token, owner)
  return { caller, usedAt: token.lastUsedAt, endsAt: token.expiresAt }
}

async function readTokenActor(
  ctx: FindContext,
  deps: BearerDeps,
  token: ApiTokenRow,
  { identities, user }: CheckedPerson,
): Promise<UserActor> {
  // An issuer that is no longer enabled vouches for nobody (Rancher GHSA-c45c-39f6-6gw9).
  const identity = identities.find((each) => isIdentityEnabled(each, deps.config))
  if (!identity) throw ofNobody(identities.map((each) => findIdentityFault(each, deps.config)))
  const { principal } = identity
  const grants = await readGrants(ctx.db, deps, { principal, userId: user.id }, ctx.now())
  return {
    ...presentUser(deps, { identity, user }),
    credential: {
      type: 'token',
      id: token.id,
      name: token.name,
      isUseOnly: token.isUseOnly,
      budget: readBudget(token),
    },
    grants: capGrants(grants, presentToken(token)),
  }
}

/**
 * Whom an issuer's access token stands for: a person whom an enabled provider has signed in before, else the program
 * that got it. Nobody is made a user by a token: a person whom the hub does not know is a guest where the issuer's may come.
 * Throws `user-disabled`, `forbidden` for one who may not.
 */
export async function findJwtCaller(
  ctx: FindContext,
  deps: BearerDeps,
  token: AccessToken,
): Promise<Found> {
  const { clientId, entra, expiresAt, issuer, subject } = token
  const principal = entra && `entra:${entra.tenantId}:${entra.objectId}`
  const signsIn = findSignInIssuer(token, deps.config)
  const matches = await findIdentitiesOfSubject(ctx.db, signsIn, { subject, principal })
  const known =
    matches.find(
      ({ identity }) => identity.provider === 'entra' && identity.principal === principal,
    ) ??
    matches.find(({ identity }) => identity.provider === 'oidc' && identity.subject === subject)
  if (known) {
    const caller = await readJwtUser(ctx, deps, known, { issuer, clientId, expiresAt })
    return { caller, usedAt: ctx.now(), endsAt: expiresAt }
  }
  const isPeoples =
    deps.providers.some(({ id }) => id === 'oidc') && deps.config.oidc?.issuer === issuer
  if (!token.isProgram || (isPeoples && clientId === null)) {
    if (deps.takesGuestsOf(issuer)) return presentGuest(deps, token, ctx.now())
    throw unknownPerson(new TokenFault(`no identity for subject ${subject} of ${issuer}`))
  }
  const row = await findOrMakeServicePrincipal(ctx, issuer, clientId ?? subject)
  return readService(ctx, deps, row, expiresAt)
}

/**
 * By whose name people of a token's issuer are known. Entra signs for each tenant under two: access tokens of version 1,
 * which an API gets unless its registration asks for version 2, come from another issuer than sign-ins.
 */
function findSignInIssuer(
  { entra, issuer }: AccessToken,
  { entra: config }: BearerDeps['config'],
): string {
  const [, tenant] = firstVersion.exec(issuer) ?? []
  if (config === null || tenant === undefined || tenant !== entra?.tenantId) return issuer
  return `${config.authorityUrl}/${tenant}/v2.0`
}

const firstVersion = /^https:\/\/sts\.(?:windows\.net|chinacloudapi\.cn)\/([^/]+)\/$/

/** Nobody's row is made: what a guest may do is decided where they come in. */
function presentGuest(
  { keepsModels, restingInstances }: BearerDeps,
  { clientId, expiresAt, issuer, subject }: AccessToken,
  now: Date,
): Found {
  const caller: GuestActor = {
    type: 'guest',
    issuer,
    clientId,
    expiresAt,
    principal: `user:${subject}@${issuer}`,
    displayName: subject.slice(0, 256),
    grants: [],
    restingInstances,
    keepsModels,
  }
  return { caller, usedAt: now, endsAt: expiresAt }
}

/** The same caller as of now, or null where what they presented is not good any more. */
export async function findAgain(
  ctx: FindContext,
  deps: BearerDeps,
  caller: Caller,
): Promise<Caller | null> {
  try {
    if (caller.type === 'service') {
      const row = await findServicePrincipal(ctx.db, { id: caller.servicePrincipalId })
      if (row === null || ctx.now() >= caller.expiresAt) return null
      return (await readService(ctx, deps, row, caller.expiresAt)).caller
    }
    if (caller.type === 'guest') {
      return ctx.now() < caller.expiresAt && deps.takesGuestsOf(caller.issuer) ? caller : null
    }
    const { credential } = caller
    if (credential.type === 'token') {
      return (await findTokenCaller(ctx, deps, credential.id, () => true)).caller
    }
    if (credential.type !== 'jwt') return null
    const known = await findCheckedIdentity(ctx.db, credential.identityId)
    if (known === null || ctx.now() >= credential.expiresAt) return null
    return await readJwtUser(ctx, deps, known, credential)
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

async function readJwtUser(
  ctx: FindContext,
  deps: BearerDeps,
  known: CheckedIdentityOfUser,
  { clientId, expiresAt, issuer }: Pick<AccessToken, 'clientId' | 'expiresAt' | 'issuer'>,
): Promise<UserActor> {
  const { identity, user } = known
  if (user.disabledAt !== null) throw userDisabled()
  const fault = findIdentityFault(identity, deps.config)
  if (fault !== null) throw ofNobody([fault])
  return {
    ...presentUser(deps, known),
    credential: {
      type: 'jwt',
      issuer,
      identityId: identity.id,
      clientId,
      expiresAt,
    },
    grants: await readGrants(
      ctx.db,
      deps,
      { principal: identity.principal, userId: user.id },
      ctx.now(),
    ),
  }
}

function presentUser(deps: BearerDeps, { identity, user }: CheckedIdentityOfUser) {
  return {
    type: 'user' as const,
    userId: user.id,
    principal: identity.principal,
    displayName: user.displayName,
    email: user.email,
    provider: identity.provider,
    restingInstances: deps.restingInstances,
    keepsModels: deps.keepsModels,
  }
}

async function readService(
  ctx: FindContext,
  deps: BearerDeps,
  row: ServicePrincipalRow,
  expiresAt: Date,
): Promise<Found & { caller: ServiceActor }> {
  if (row.disabledAt !== null) throw userDisabled()
  const { clientId, displayName, id: servicePrincipalId, principal } = row
  const grants = await readGrants(ctx.db, deps, { principal, servicePrincipalId }, ctx.now())
  const { keepsModels, restingInstances } = deps
  const caller: ServiceActor = {
    type: 'service',
    servicePrincipalId,
    clientId,
    expiresAt,
    principal,
    displayName,
    grants,
    restingInstances,
    keepsModels,
  }
  return { caller, usedAt: row.lastSeenAt, endsAt: expiresAt }
}

/** A program is noted when it first comes, so that administrators find it where they grant; it may do nothing yet. */
async function findOrMakeServicePrincipal(
  ctx: FindContext,
  issuer: string,
  clientId: string,
): Promise<ServicePrincipalRow> {
  const known = await findServicePrincipal(ctx.db, { issuer, clientId })
  if (known) return known
  const { requestId } = ctx
  const now = ctx.now()
  const row: ServicePrincipalRow = {
    id: randomUUID(),
    issuer,
    clientId,
    principal: `service:${clientId}@${issuer}`,
    displayName: clientId.slice(0, 256),
    disabledAt: null,
    createdAt: now,
    lastSeenAt: now,
  }
  await ctx.db.transaction(async (tx) => {
    if (!(await insertServicePrincipal(tx, row))) return
    await emitAudit(
      tx,
      { actor: { type: 'system' }, requestId, ip: ctx.ip, now: ctx.now, log: ctx.log },
      {
        action: 'service-principal.create',
        outcome: 'success',
        target: { principal: row.principal },
      },
    )
  })
  const made = await findServicePrincipal(ctx.db, { issuer, clientId })
  if (made === null) throw new Error('a service principal is gone as soon as it was made')
  return made
}

/** Of somebody whom nothing that counts vouches for. */
function ofNobody(faults: readonly (IdentityFault | null)[]): AppError {
  const sentences = faults.flatMap((fault) => fault?.sentence ?? [])
  return invalidToken(
    new TokenFault(`nothing lets its owner in now: ${sentences.join(' ')}`),
    "The bearer token is valid, but this hub does not accept its owner's identity at the moment. Sign in to the portal and use the token again; if that fails, ask an administrator.",
  )
}
