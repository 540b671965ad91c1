import { decodeJwt, errors } from 'jose'
import { createBoundedCache } from '#cache'
import { touchServicePrincipal } from '#access'
import type { Config } from '#config'
import type { Caller, RequestContext } from '#context'
import { isCurrent, type Change, type Database } from '#db'
import { AppError } from '#errors'
import type { Logger } from '#log'
import { digestOf, isSameText } from '#secrets'
import { isApiTokenText, readTokenId, touchToken } from '#tokens'
import type { KeyDocuments } from '#identity-providers'
import type { BearerDeps } from './deps.ts'
import {
  findAgain,
  findJwtCaller,
  findTokenCaller,
  type FindContext,
  type Found,
} from './find-caller.ts'
import { createIntrospection, type Introspection } from './introspection.ts'
import { invalidToken, TokenFault } from './invalid-token.ts'
import { createJwtIssuer, forAnother, type AccessToken, type JwtIssuer } from './jwt-issuer.ts'

const capacity = 10_000
/** How long a signature needs no second look; those that came together come apart, or all would be looked at in one moment. */
const verifiedMs = { min: 30_000, max: 60_000 }
const touchIntervalMs = 60_000
const tokenLengthMax = 16 * 1024

export type Bearers = {
  /** Who a bearer token speaks for. Throws `invalid-token`, `user-disabled`, `forbidden`, `provider-unavailable`. */
  authenticate(ctx: FindContext, token: string, place?: BearerPlace): Promise<Caller>
  /** The same caller with the rights of now; null where the token is not good any more. It counts as no use. */
  reauthenticate(ctx: Pick<RequestContext, 'db' | 'now'>, caller: Caller): Promise<Caller | null>
  /** What this change is about is looked up anew. */
  forget(change: Change): void
  /** Forgets what any process announces; returns the way to stop. */
  follow(changes: Pick<Database, 'onChange'>): () => void
}

/** The agents' door takes tokens for itself alone (RFC 8707 §2; MCP, Authorization §Token Handling). */
type BearerPlace = { isForAgents?: boolean | undefined }

/** What a token proved by itself, without the database. */
type Proof = { type: 'token'; id: string; secretHash: string } | { type: 'jwt'; token: AccessToken }

type Entry = { proof: Proof; found: Found; readAt: Date; verifiedUntil: number }

/** Checks API tokens and JWTs; what was checked is known by the token's digest, so that the token itself is kept nowhere. */
export function createBearers(
  options: BearerDeps & {
    config: Pick<Config, 'entra' | 'gateway' | 'jwt' | 'mcp' | 'oidc' | 'production'>
    fetch: typeof fetch
    now: () => Date
    log: Logger
    keyDocuments?: KeyDocuments
  },
): Bearers {
  const { config, log } = options
  const entries = createBoundedCache<Entry>({ entriesMax: capacity })
  /** Whatever was read before this changed may be from before a change. */
  let generation = 0

  const clear = () => {
    generation += 1
    entries.clear()
  }
  const issuers = createIssuers(options, clear)
  const { introspection } = config.gateway
  const opaque = introspection && createIntrospection({ ...options, config: introspection })
  const prove = (token: string, digest: string) =>
    proveToken(token, digest, { issuers, opaque, production: config.production })

  const find = (ctx: FindContext, proof: Proof): Promise<Found> =>
    proof.type === 'jwt'
      ? findJwtCaller(ctx, options, proof.token)
      : findTokenCaller(ctx, options, proof.id, (hash) => isSameText(hash, proof.secretHash))

  const checkIsForAgents = ({ audiences, issuer }: AccessToken) => {
    const accepted = config.mcp.issuers.find((each) => each.issuer === issuer)?.audiences ?? []
    if (audiences.some((audience) => accepted.includes(audience))) return
    const own = config.mcp.issuers.flatMap((each) => each.audiences)
    throw describeRefusal(forAnother(audiences, own), config.production)
  }
  const authenticate = async (
    ctx: FindContext,
    token: string,
    { isForAgents = false }: BearerPlace = {},
  ): Promise<Caller> => {
    if (token.length > tokenLengthMax) throw invalidToken(new TokenFault('it is too long'))
    const digest = digestOf(token)
    const now = ctx.now()
    const known = entries.get(digest)
    const isVerified =
      known !== undefined &&
      now.getTime() >= known.readAt.getTime() &&
      now.getTime() < known.verifiedUntil
    const isKnown = isVerified && isCurrent(known.readAt, now, ctx.db)
    if (!isKnown) entries.delete(digest)
    const before = generation
    const proof = isVerified ? known.proof : await prove(token, digest)
    if (isForAgents && proof.type === 'jwt') checkIsForAgents(proof.token)
    if (isKnown) return known.found.caller
    const found = await noteUse(ctx, await find(ctx, proof))
    if (before === generation) {
      const verifiedUntil = isVerified
        ? known.verifiedUntil
        : Math.min(now.getTime() + chooseVerifiedMs(), found.endsAt.getTime())
      entries.set(digest, { proof, found, readAt: now, verifiedUntil })
    }
    return found.caller
  }

  return {
    async authenticate(ctx, token, place) {
      try {
        return await authenticate(ctx, token, place)
      } catch (error) {
        if (error instanceof AppError && error.code === 'invalid-token') {
          const reason = error.cause instanceof Error ? error.cause.message : null
          ctx.log.info({ reason, ...describeToken(token) }, 'a bearer token was refused')
        }
        throw error
      }
    },
    reauthenticate: (ctx, caller) =>
      findAgain({ db: ctx.db, now: ctx.now, log, requestId: '', ip: null }, options, caller),
    forget: clearWhat,
    follow: (changes) => changes.onChange(clearWhat),
  }

  function clearWhat({ subject, topic }: Change): void {
    if (topic === 'grants' || topic === 'all') return clear()
    if (topic !== 'token' && topic !== 'user' && topic !== 'service-principal') return
    generation += 1
    entries.deleteIf(({ found }) => isAbout(found.caller, subject))
  }
}

function createIssuers(
  options: Parameters<typeof createBearers>[0],
  onKeysReplaced: () => void,
): ReadonlyMap<string, JwtIssuer> {
  const { jwt } = options.config
  return new Map(
    jwt.issuers.map((issuer) => [
      issuer.issuer,
      createJwtIssuer({
        ...options,
        config: issuer,
        leewaySeconds: jwt.leewaySeconds,
        onKeysReplaced,
        isSignInClient: (audience) => isSignInClient(options.config, issuer.issuer, audience),
      }),
    ]),
  )
}

async function proveToken(
  token: string,
  digest: string,
  {
    issuers,
    opaque,
    production,
  }: {
    issuers: ReadonlyMap<string, JwtIssuer>
    opaque: Introspection | null
    production: boolean
  },
): Promise<Proof> {
  if (isApiTokenText(token)) {
    const id = readTokenId(token)
    if (id === null)
      throw invalidToken(new TokenFault('it is not an API token: its checksum is wrong'))
    return { type: 'token', id, secretHash: digest }
  }
  const issuer = readIssuer(token)
  const verifier = issuer === null ? opaque : issuers.get(issuer)
  if (!verifier) throw invalidToken(new TokenFault('JWT_ISSUERS does not name its issuer'))
  try {
    return { type: 'jwt', token: await verifier.verify(token) }
  } catch (error) {
    throw describeRefusal(error, production)
  }
}

function describeRefusal(error: unknown, production: boolean): unknown {
  if (!(error instanceof errors.JOSEError) && !(error instanceof TokenFault)) return error
  // Whoever has what the issuer signed may know what is wrong with it; others learn nothing of the keys.
  const isSigned =
    error instanceof TokenFault ||
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWTClaimValidationFailed
  const hint = `The bearer token is not accepted: ${error.message}.`
  return invalidToken(error, isSigned || !production ? hint : undefined)
}

function chooseVerifiedMs(): number {
  return verifiedMs.min + (verifiedMs.max - verifiedMs.min) * Math.random()
}

/** Client ids are an issuer's own, but for Entra's, which are unique in the world and name two issuers. */
function isSignInClient(
  { entra, oidc }: Pick<Config, 'entra' | 'oidc'>,
  issuer: string,
  audience: string,
): boolean {
  if (oidc !== null && oidc.issuer === issuer && oidc.clientId === audience) return true
  return entra !== null && entra.clientId.toLowerCase() === audience.toLowerCase()
}

function isAbout(caller: Caller, subject: string): boolean {
  if (caller.type === 'service') return caller.servicePrincipalId === subject
  if (caller.type === 'guest') return false
  const { credential, userId } = caller
  return userId === subject || (credential.type === 'token' && credential.id === subject)
}

/** Writes when it was last used, once a minute. What cannot be written refuses nobody. */
async function noteUse(ctx: FindContext, found: Found): Promise<Found> {
  const { caller, usedAt } = found
  const now = ctx.now()
  const before = new Date(now.getTime() - touchIntervalMs)
  if (usedAt !== null && usedAt > before) return found
  try {
    await ctx.db.transaction(async (tx) => {
      if (caller.type === 'service') {
        await touchServicePrincipal(tx, caller.servicePrincipalId, now, before)
      } else if (caller.type === 'user' && caller.credential.type === 'token') {
        await touchToken(tx, caller.credential.id, now, before)
      }
    })
  } catch (error) {
    ctx.log.warn({ error }, 'the use of a token could not be noted')
  }
  return { ...found, usedAt: now }
}

/** What the log may say of a token: never more than names it. */
function describeToken(token: string): { tokenId: string } | { issuer: string | null } {
  const tokenId = readTokenId(token)
  return tokenId === null ? { issuer: readIssuer(token)?.slice(0, 200) ?? null } : { tokenId }
}

/** What it says itself; whether it is true is seen by the keys of that issuer. */
function readIssuer(token: string): string | null {
  try {
    const { iss } = decodeJwt<{ iss: unknown }>(token)
    return typeof iss === 'string' ? iss : null
  } catch {
    return null
  }
}
