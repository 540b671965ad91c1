import { createHash, randomUUID, X509Certificate } from 'node:crypto'
import { exportJWK, SignJWT, type JWTPayload } from 'jose'
import { createAssertionCheck, type KnownClient } from './client-assertions.ts'
import {
  isVerifierOf,
  readClient,
  startJsonServer,
  type JsonAnswer,
  type JsonRequest,
} from './json-server.ts'
import { takeRsaKeys } from './rsa-keys.ts'

export const homeTenant = '72f988bf-86f1-41af-91ab-2d7cd011db47'
export const otherTenant = '11111111-2222-4333-8444-555555555555'
const consumers = '9188040d-6c67-4c5b-b112-36a304b66dad'

export type EntraPerson = {
  tenant: string
  objectId: string
  name: string
  /** Object ids; more than `overageAt` come by Graph. */
  groups: readonly { id: string; displayName: string | null }[]
  roles: readonly string[]
}

type Authorization = {
  person: EntraPerson
  nonce: string | undefined
  challenge: string
  redirectUri: string
}

type Answers = {
  claims: (claims: JWTPayload) => JWTPayload
  /** Which key signs: Entra's for organizations, or the one for personal accounts alone. */
  signedBy: 'organizations' | 'consumers'
  graph: ((request: JsonRequest, person: EntraPerson) => JsonAnswer | null) | null
  omitGroupsClaim: boolean
  /** What a refresh token gives instead. */
  refresh: (() => JsonAnswer | null) | null
  /** Its keys do not say whose they are. */
  plainKeys: boolean
  /** The certificate that the application registered, in PEM; it has no secret then. */
  certificate: string | null
  /** Whose tokens the application's federated credential takes; it has no secret then. */
  federated: Pick<KnownClient, 'keys' | 'issuer' | 'subject'> | null
}

const honest: Answers = {
  claims: (claims) => claims,
  signedBy: 'organizations',
  graph: null,
  omitGroupsClaim: false,
  refresh: null,
  plainKeys: false,
  certificate: null,
  federated: null,
}

const overageAt = 200
const graphPageMax = 999

export type Entra = Awaited<ReturnType<typeof startEntra>>

/** Microsoft Entra ID and Microsoft Graph as far as a sign-in meets them, with their wire format, on two origins. */
export async function startEntra() {
  const clientId = randomUUID()
  const clientSecret = 'v~Q8Q~a+secret/with%signs'
  const answers: Answers = { ...honest }
  const people = new Map<string, EntraPerson>()
  const authorizations = new Map<string, Authorization>()
  const accessTokens = new Map<string, EntraPerson>()
  const refreshTokens = new Map<string, EntraPerson>()
  const keys = takeRsaKeys()
  const [organizations, personal] = [await keys.next(), await keys.next()]
  const assertions = createAssertionCheck()
  let codes = 0

  const login = await startJsonServer(answerLogin)
  const graph = await startJsonServer(answerGraph)
  const elsewhere = await startJsonServer(() => ({ body: { value: [] } }))
  const issuerOf = (tenant: string) => `${login.origin}/${tenant}/v2.0`

  async function answerLogin(request: JsonRequest): Promise<JsonAnswer> {
    const [tenant = '', ...path] = request.url.pathname.slice(1).split('/')
    switch (path.join('/')) {
      case 'v2.0/.well-known/openid-configuration':
        return { body: discovery(tenant) }
      case 'discovery/v2.0/keys':
        return {
          body: {
            keys: [
              {
                ...(await exportJWK(organizations.publicKey)),
                kid: 'orgs',
                use: 'sig',
                ...(!answers.plainKeys && { issuer: issuerOf('{tenantid}') }),
              },
              {
                ...(await exportJWK(personal.publicKey)),
                kid: 'personal',
                use: 'sig',
                issuer: issuerOf(consumers),
              },
            ],
          },
        }
      case 'oauth2/v2.0/token':
        return answerToken(request)
      default:
        return { status: 404, body: {} }
    }
  }

  function discovery(tenant: string) {
    const several = tenant === 'common' || tenant === 'organizations'
    const named = tenant.includes('.') ? homeTenant : tenant
    return {
      issuer: issuerOf(several ? '{tenantid}' : named),
      authorization_endpoint: `${login.origin}/${tenant}/oauth2/v2.0/authorize`,
      token_endpoint: `${login.origin}/${tenant}/oauth2/v2.0/token`,
      jwks_uri: `${login.origin}/${tenant}/discovery/v2.0/keys`,
      userinfo_endpoint: `${graph.origin}/oidc/userinfo`,
      end_session_endpoint: `${login.origin}/${tenant}/oauth2/v2.0/logout`,
      token_endpoint_auth_methods_supported: [
        'client_secret_post',
        'private_key_jwt',
        'client_secret_basic',
      ],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      id_token_signing_alg_values_supported: ['RS256'],
      http_logout_supported: true,
      frontchannel_logout_supported: true,
    }
  }

  async function answerToken(request: JsonRequest): Promise<JsonAnswer> {
    const refusal = await refuseClient(request)
    if (refusal !== null) return refusal
    const { form } = request
    if (form.get('grant_type') === 'refresh_token') {
      const odd = answers.refresh?.()
      if (odd) return odd
      const person = refreshTokens.get(form.get('refresh_token') ?? '')
      if (!person)
        return failed(400, 'invalid_grant', 50173, 'The grant has expired or is revoked.')
      return answerTokens({ person, nonce: undefined })
    }
    const authorization = authorizations.get(form.get('code') ?? '')
    authorizations.delete(form.get('code') ?? '')
    if (!authorization) return failed(400, 'invalid_grant', 54005, 'The code was redeemed already.')
    if (!isVerifierOf(authorization.challenge, form.get('code_verifier'))) {
      return failed(400, 'invalid_grant', 501481, 'The Code_Verifier does not match.')
    }
    if (form.get('redirect_uri') !== authorization.redirectUri) {
      return failed(400, 'invalid_grant', 50011, 'The redirect URI does not match.')
    }
    return answerTokens(authorization)
  }

  /** https://learn.microsoft.com/entra/identity-platform/certificate-credentials */
  async function refuseClient(request: JsonRequest): Promise<JsonAnswer | null> {
    const { certificate, federated } = answers
    const { id, secret } = readClient(request)
    if (certificate === null && federated === null) {
      return id === clientId && secret === clientSecret
        ? null
        : failed(401, 'invalid_client', 7000215, 'Invalid client secret provided.')
    }
    const client =
      federated === null
        ? {
            keys: certificate === null ? [] : [new X509Certificate(certificate).publicKey],
            algorithms: ['PS256'],
            issuer: clientId,
            subject: clientId,
            audience: `${login.origin}${request.url.pathname}`,
            isOwn: true,
          }
        : {
            ...federated,
            algorithms: ['RS256'],
            audience: 'api://AzureADTokenExchange',
            isOwn: false,
          }
    const isTaken = id === clientId && (await assertions.isTaken(request.form, client))
    const names = certificate === null ? null : thumbprintOf(certificate)
    if (isTaken && (names === null || assertions.taken.at(-1)?.header['x5t#S256'] === names)) {
      return null
    }
    return failed(401, 'invalid_client', 700027, 'Client assertion failed signature validation.')
  }

  async function answerTokens(
    authorization: Pick<Authorization, 'person' | 'nonce'>,
  ): Promise<JsonAnswer> {
    const accessToken = `opaque-${randomUUID()}`
    accessTokens.set(accessToken, authorization.person)
    const refreshToken = `0.${randomUUID()}`
    refreshTokens.set(refreshToken, authorization.person)
    return {
      body: {
        token_type: 'Bearer',
        scope: 'openid profile email User.Read',
        expires_in: 4711,
        access_token: accessToken,
        refresh_token: refreshToken,
        id_token: await signIdToken(authorization),
      },
    }
  }

  async function signIdToken({
    nonce,
    person,
  }: Pick<Authorization, 'person' | 'nonce'>): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const hasOverage = person.groups.length > overageAt
    const claims = answers.claims({
      ver: '2.0',
      iss: issuerOf(person.tenant),
      sub: `pairwise-${person.objectId}`,
      aud: clientId,
      exp: now + 3600,
      iat: now,
      nbf: now,
      name: person.name,
      preferred_username: `${person.objectId.slice(0, 4)}@contoso.example`,
      email: `${person.objectId.slice(0, 4)}@contoso.example`,
      oid: person.objectId,
      tid: person.tenant,
      nonce,
      sid: `sid-${person.objectId}`,
      login_hint: `O.hint-${person.objectId}`,
      uti: randomUUID(),
      ...(person.roles.length > 0 && { roles: [...person.roles] }),
      // Entra leaves the claim out for people in no group.
      ...(!answers.omitGroupsClaim &&
        !hasOverage &&
        person.groups.length > 0 && { groups: person.groups.map(({ id }) => id) }),
      ...(hasOverage && {
        _claim_names: { groups: 'src1' },
        _claim_sources: {
          src1: { endpoint: `${elsewhere.origin}/${person.tenant}/users/me/getMemberObjects` },
        },
      }),
    })
    const isPersonal = answers.signedBy === 'consumers'
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: isPersonal ? 'personal' : 'orgs' })
      .sign(isPersonal ? personal.privateKey : organizations.privateKey)
  }

  function answerGraph(request: JsonRequest): JsonAnswer {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const person = accessTokens.get(token ?? '')
    if (!person) return graphError(401, 'InvalidAuthenticationToken')
    const odd = answers.graph?.(request, person)
    if (odd) return odd
    const { pathname, searchParams } = request.url
    if (pathname !== '/v1.0/me/transitiveMemberOf/microsoft.graph.group') {
      return graphError(404, 'Request_ResourceNotFound')
    }
    const isAdvanced =
      request.headers['consistencylevel'] === 'eventual' && searchParams.get('$count') === 'true'
    const top = Number(searchParams.get('$top') ?? '100')
    if (!isAdvanced || top > graphPageMax) return graphError(400, 'Request_UnsupportedQuery')
    const skip = Number(searchParams.get('$skiptoken') ?? '0')
    const next = new URL(request.url)
    next.searchParams.set('$skiptoken', String(skip + top))
    return {
      body: {
        '@odata.context': `${graph.origin}/v1.0/$metadata#groups(id,displayName)`,
        '@odata.count': person.groups.length,
        ...(skip + top < person.groups.length && { '@odata.nextLink': next.href }),
        value: person.groups.slice(skip, skip + top),
      },
    }
  }

  return {
    clientId,
    clientSecret,
    answers,
    authority: login,
    graph,
    /** Where nobody has any business. */
    elsewhere,
    issuerOf,
    addPerson(person: Partial<EntraPerson> = {}): EntraPerson {
      const added = {
        tenant: homeTenant,
        objectId: randomUUID(),
        name: 'Ada Lovelace',
        groups: [],
        roles: [],
        ...person,
      }
      people.set(added.objectId, added)
      return added
    },
    /** Takes back what the hub has of a person: their refresh tokens are good no more. */
    revoke(person: EntraPerson): void {
      for (const [token, owner] of refreshTokens) if (owner === person) refreshTokens.delete(token)
    },
    /** What its sign-in page would do: the callback's parameters for an authorization request. */
    authorize(url: URL, person: EntraPerson): URLSearchParams {
      const code = `0.code-${(codes += 1)}`
      authorizations.set(code, {
        person,
        nonce: url.searchParams.get('nonce')!,
        challenge: url.searchParams.get('code_challenge')!,
        redirectUri: url.searchParams.get('redirect_uri')!,
      })
      return new URLSearchParams({
        code,
        state: url.searchParams.get('state')!,
        session_state: randomUUID(),
      })
    },
    /** What the hub needs to know of it. */
    environment: (tenant = homeTenant) => ({
      AZURE_TENANT_ID: tenant,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: clientSecret,
      ENTRA_AUTHORITY_URL: login.origin,
      GRAPH_URL: graph.origin,
    }),
    /** What proved the application so far. */
    assertions: assertions.taken,
    beHonest: () => Object.assign(answers, honest),
    stop: async () => {
      await Promise.all([login.stop(), graph.stop(), elsewhere.stop()])
      keys.giveBack()
    },
  }
}

function thumbprintOf(certificate: string): string {
  const { raw } = new X509Certificate(certificate)
  return createHash('sha256').update(raw).digest('base64url')
}

/** As Entra says no. */
export function failed(status: number, error: string, code: number, sentence: string): JsonAnswer {
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${sentence}`,
      error_codes: [code],
      timestamp: '2026-01-01 00:00:00Z',
      trace_id: randomUUID(),
      correlation_id: randomUUID(),
    },
  }
}

export function graphError(
  status: number,
  code: string,
  headers: Record<string, string> = {},
): JsonAnswer {
  return {
    status,
    headers,
    body: { error: { code, message: code, innerError: { 'request-id': randomUUID() } } },
  }
}
