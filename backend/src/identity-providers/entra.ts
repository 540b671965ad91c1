import type { EntraConfig } from '#config'
import { AppError } from '#errors'
import type { Group, ProvenGroups } from '#people'
import {
  beforeRefresh,
  createAuthorizationRequest,
  redeemCode,
  refreshTokens,
} from './authorization-code.ts'
import { withinBudget } from './bounded-fetch.ts'
import { createClientAuth, type ClientAuth } from './client-auth.ts'
import { faultOfEntraIssuer, isEntraKeyFor, requireTenant } from './entra-tenant.ts'
import { readGraphGroups } from './graph-groups.ts'
import { readGroupsClaim } from './groups-claim.ts'
import {
  readAuthenticatedAt,
  readSessionId,
  readText,
  requireIdToken,
  verifyIdToken,
  type IdTokenClaims,
} from './id-token.ts'
import {
  checkIssuerOfResponse,
  requireRefreshToken,
  requireSame,
  type ProviderOptions,
} from './oidc.ts'
import { createDiscovery } from './oidc-discovery.ts'
import type { IdentityProvider } from './provider.ts'
import { readToken } from './read-token.ts'
import { readNextToken } from './refresh-token.ts'

const publicGraph = 'https://graph.microsoft.com'

/** Microsoft Entra ID: people are (tenant, object id); names and addresses are theirs to change and decide nothing. */
export function createEntraProvider(options: ProviderOptions<EntraConfig>): IdentityProvider {
  const { config, fetch, keyDocuments, now } = options
  const discover = createDiscovery({
    base: `${config.authorityUrl}/${config.tenant}/v2.0`,
    fetch,
    keyDocuments,
    now,
    faultOfIssuer: (issuer) => faultOfEntraIssuer(config, issuer),
    isKeyFor: isEntraKeyFor,
  })
  const graphScope = config.graphUrl === publicGraph ? 'User.Read' : `${config.graphUrl}/User.Read`

  const scopes = ['openid', 'profile', 'email', 'offline_access', graphScope]

  const clientAuth = createClientAuth({
    ...options,
    ...config,
    method: config.credential.type === 'secret' ? 'client_secret_post' : 'private_key_jwt',
    assertionAudience: 'token_endpoint',
  })
  const context: EntraContext = { ...options, clientAuth, discover, scopes }

  return {
    id: 'entra',
    name: 'Microsoft Entra ID',

    async createAuthorizationUrl(request) {
      const metadata = await discover()
      const url = createAuthorizationRequest(
        metadata.authorizationEndpoint,
        config.clientId,
        request,
        scopes,
      )
      url.searchParams.set('nonce', request.nonce)
      if (request.forceLogin) {
        url.searchParams.set('prompt', 'login')
        url.searchParams.set('max_age', '0')
      }
      return url
    },

    redeem: (response) => redeem(context, response),
    readGroups: (known) => refreshGroups(context, known),

    /** Entra takes no id_token here, but a `login_hint`: it spares people the choice of an account to sign out. */
    async createLogoutUrl({ idToken, returnTo }) {
      const { endSessionEndpoint } = await discover()
      if (endSessionEndpoint === null) return null
      const url = new URL(endSessionEndpoint)
      url.searchParams.set('post_logout_redirect_uri', returnTo)
      const hint = idToken === null ? null : readLoginHint(idToken)
      if (hint !== null) url.searchParams.set('logout_hint', hint)
      return url
    },
  }
}

/** Its metadata do not say so (https://learn.microsoft.com/entra/identity-platform/certificate-credentials). */
const authAlgorithms = ['PS256']

type EntraContext = ProviderOptions<EntraConfig> & {
  clientAuth: ClientAuth
  discover: ReturnType<typeof createDiscovery>
  scopes: readonly string[]
}

type Asked<Verb extends 'redeem' | 'readGroups'> = Parameters<
  NonNullable<IdentityProvider[Verb]>
>[0]

async function redeem(context: EntraContext, response: Asked<'redeem'>) {
  const { clientAuth, config, discover, fetch, leewaySeconds, now } = context
  const metadata = await withinBudget(discover(), response.signal, 'discovery document')
  if (response.iss !== undefined && !metadata.issuer.includes('{')) {
    checkIssuerOfResponse(metadata, metadata.issuer, response.iss)
  }
  const tokens = await redeemCode({
    clientAuth,
    fetch,
    provider: { ...metadata, authAlgorithms },
    response,
  })
  const idToken = requireIdToken(tokens)
  const claims = await verifyIdToken({
    idToken,
    getKey: metadata.getKey,
    issuer: null,
    clientId: config.clientId,
    response,
    currentDate: now(),
    leewaySeconds,
  })
  const tenant = requireTenant(config, metadata.issuer, claims)
  const objectId = readObjectId(claims)
  const refreshToken = readToken(tokens.data, 'refresh_token')
  const email = readText(claims, 'email')
  return {
    provider: 'entra' as const,
    issuer: String(claims.iss),
    subject: objectId,
    principal: `entra:${tenant}:${objectId}`,
    displayName: readText(claims, 'name') ?? readText(claims, 'preferred_username') ?? objectId,
    email,
    // Entra's `email` is whatever a tenant's administrator writes; xms_edov says whether the domain is verified.
    isEmailVerified: email !== null && isTrue(claims['xms_edov']),
    clientId: config.clientId,
    tenant: config.tenant,
    ...(await readGroups(claims, {
      fetch,
      graphUrl: config.graphUrl,
      accessToken: readToken(tokens.data, 'access_token'),
      signal: response.signal,
    })),
    providerSessionId: readSessionId(claims),
    idToken,
    authenticatedAt: readAuthenticatedAt(claims, now()),
    tokens: refreshToken === null ? null : { refreshToken },
  }
}

async function refreshGroups(
  context: EntraContext,
  { identity, signal, tokens }: Asked<'readGroups'>,
) {
  const { clientAuth, config, discover, fetch, leewaySeconds, now, scopes } = context
  const kept = requireRefreshToken(tokens)
  const { refreshToken } = kept
  const metadata = await beforeRefresh(withinBudget(discover(), signal, 'discovery document'))
  const refreshed = await refreshTokens({
    clientAuth,
    fetch,
    provider: { ...metadata, authAlgorithms },
    refreshToken,
    scope: scopes.join(' '),
    signal,
  })
  const claims = await verifyIdToken({
    idToken: requireIdToken(refreshed),
    getKey: metadata.getKey,
    issuer: null,
    clientId: config.clientId,
    response: { nonce: null, authenticatedAfter: null, signal },
    currentDate: now(),
    leewaySeconds,
  })
  requireTenant(config, metadata.issuer, claims)
  requireSame(identity, { issuer: String(claims.iss), subject: readObjectId(claims) })
  const accessToken = readToken(refreshed.data, 'access_token')
  return {
    proven: await readGroups(claims, {
      fetch,
      graphUrl: config.graphUrl,
      accessToken,
      signal,
    }),
    tokens: readNextToken(refreshed.data, kept, now()),
  }
}

function readObjectId(claims: IdTokenClaims): string {
  const objectId = readText(claims, 'oid')
  if (objectId !== null && /^[0-9a-f-]{36}$/i.test(objectId)) return objectId.toLowerCase()
  throw new AppError('login-failed', {
    detail: 'Entra did not say who you are. Tell an administrator: the log has the reason.',
    cause: new Error('the id_token has no oid; the app registration must be of the v2.0 endpoint'),
  })
}

/**
 * `groups` and app roles (`role:<value>`) of the token. A person in more groups than fit into it is looked up in Graph,
 * and where that fails nothing is known: not even the app roles alone, or the rest would be taken for left.
 */
async function readGroups(
  claims: IdTokenClaims,
  graph: {
    fetch: typeof fetch
    graphUrl: string
    accessToken: string | null
    signal: AbortSignal
  },
): Promise<ProvenGroups> {
  const roles = readGroupsClaim(claims, 'roles')
  const named = readGroupsClaim(claims, 'groups')
  if (roles === null) return unknown(new Error('no entry of the claim roles names a role'))
  const fromRoles: Group[] = (roles?.names ?? []).map((role) => ({
    id: `role:${role}`,
    name: role,
  }))
  const isComplete = !isOverage(claims)
  if (named && isComplete) {
    const groups = named.names.map((id) => ({ id, name: null }))
    return fresh([...groups, ...fromRoles], named.dropped + (roles?.dropped ?? 0))
  }
  if (named === undefined && isComplete) return fresh(fromRoles, roles?.dropped ?? 0)
  const { accessToken } = graph
  if (accessToken === null) return unknown(new Error('Entra gave no access token for Graph'))
  try {
    const { dropped, groups } = await readGraphGroups({ ...graph, accessToken })
    return fresh([...groups, ...fromRoles], dropped + (roles?.dropped ?? 0))
  } catch (reason) {
    return unknown(reason)
  }
}

function fresh(groups: readonly Group[], dropped: number): ProvenGroups {
  return { groupsState: 'fresh', groups, ...(dropped > 0 && { dropped }) }
}

function unknown(reason: unknown): ProvenGroups {
  return { groupsState: 'unknown', groups: null, reason }
}

// The claim's source is an address in the token, and never followed.
function isOverage(claims: IdTokenClaims): boolean {
  const names: unknown = claims['_claim_names']
  return (
    isTrue(claims['hasgroups']) ||
    (typeof names === 'object' && names !== null && Object.hasOwn(names, 'groups'))
  )
}

function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === '1' || value === 'true'
}

/** For a hint alone: the token was verified when the session began. */
function readLoginHint(idToken: string): string | null {
  try {
    const payload: unknown = JSON.parse(
      Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString(),
    )
    return readText(payload as Record<string, unknown>, 'login_hint')
  } catch {
    return null
  }
}
