import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { KeyPair } from '@hub/demo'
import { exportJWK, SignJWT, type JWTPayload } from 'jose'
import { createAssertionCheck, type KnownClient } from './client-assertions.ts'
import { readClient, startJsonServer, type JsonAnswer, type JsonRequest } from './json-server.ts'
import { takeRsaKeys } from './rsa-keys.ts'

type Answers = {
  discovery: (document: Record<string, unknown>) => unknown
  claims: (claims: JWTPayload) => JWTPayload
  /** Signs with a key that the provider does not publish. */
  forgedSignature: boolean
  /** What the token endpoint answers instead of tokens. */
  tokenError: { status: number; body: unknown } | null
  /** The one way in which a client proves itself, and what by; any where it is null. */
  client:
    | { method: 'client_secret_basic' | 'client_secret_post'; secret: string }
    | ({ method: 'private_key_jwt' } & Partial<KnownClient> & Pick<KnownClient, 'keys'>)
    | null
  /** It takes authorization requests in advance alone (RFC 9126), each once. */
  wantsPush: boolean
  /** What it publishes beside its keys. */
  moreKeys: unknown[]
  /** It looks at the code before it looks at the client. */
  burnsCodes: boolean
  withoutIdToken: boolean
  /** What a refresh token gives; null where it is good no more. */
  refreshed: (refreshToken: string) => {
    claims?: JWTPayload
    tokens?: Record<string, unknown>
  } | null
  /** What it gives besides access token and id_token. */
  moreTokens: Record<string, unknown>
  /** What the UserInfo endpoint answers; it is advertised where this is set. */
  userinfo: JsonAnswer | null
  /** Or as a JWT, as it is; it is advertised where this is set. */
  signedUserinfo: string | null
  /** What the device endpoint answers; it is advertised where this is set. */
  device: JsonAnswer | null
  /** Paths that are answered in none of the ways they should be. */
  misbehaves: Record<string, 'huge' | 'slow' | 'silent' | 'redirect' | 'html' | 'down' | 'cut'>
}

const signatures = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA']

const honest: Answers = {
  discovery: (document) => document,
  claims: (claims) => claims,
  forgedSignature: false,
  tokenError: null,
  client: null,
  wantsPush: false,
  moreKeys: [],
  burnsCodes: false,
  withoutIdToken: false,
  refreshed: () => null,
  moreTokens: {},
  userinfo: null,
  signedUserinfo: null,
  device: null,
  misbehaves: {},
}

/** An OpenID provider that answers as a test tells it: honestly unless `answers` says otherwise. */
export async function startOddIdentityProvider(options: { tls?: KeyPair } = {}) {
  const clientId = 'hub-under-test'
  const keys = takeRsaKeys()
  let unpublished: ReturnType<typeof keys.next> | undefined
  let published = { ...(await keys.next()), kid: 'k1' }
  const answers: Answers = { ...honest }
  const nonces = new Map<string, string>()
  const burnt = new Set<string>()
  const assertions = createAssertionCheck()
  const pushed = new Map<string, URLSearchParams>()
  let poured = 0
  const tokenRequests: { authorization: string | undefined; body: URLSearchParams }[] = []

  const server = await startJsonServer(answer, {
    ...options,
    take(res, path) {
      if (path === '/userinfo' && answers.signedUserinfo !== null) {
        res.writeHead(200, { 'content-type': 'application/jwt' }).end(answers.signedUserinfo)
        return true
      }
      const way = answers.misbehaves[path]
      if (way !== undefined) misbehave(res, way, path, (bytes) => (poured += bytes))
      return way !== undefined
    },
  })
  const issuer = server.origin

  async function answer(request: JsonRequest): Promise<JsonAnswer> {
    switch (request.url.pathname.replace(/^\/moved/, '')) {
      case '/.well-known/openid-configuration':
        return {
          body: answers.discovery({
            issuer,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/jwks`,
            end_session_endpoint: `${issuer}/logout`,
            authorization_response_iss_parameter_supported: true,
            ...((answers.userinfo ?? answers.signedUserinfo) && {
              userinfo_endpoint: `${issuer}/userinfo`,
            }),
            ...(answers.wantsPush && {
              require_pushed_authorization_requests: true,
              pushed_authorization_request_endpoint: `${issuer}/par`,
            }),
            ...(answers.device && { device_authorization_endpoint: `${issuer}/device` }),
          }),
        }
      case '/jwks': {
        const jwk = await exportJWK(published.publicKey)
        const key = { ...jwk, kid: published.kid, alg: 'RS256', use: 'sig' }
        return { body: { keys: [...answers.moreKeys, key] } }
      }
      case '/token': {
        const { form, headers } = request
        tokenRequests.push({ authorization: headers.authorization, body: form })
        if (answers.tokenError) return answers.tokenError
        const code = form.get('code') ?? ''
        const isBurnt = answers.burnsCodes && burnt.has(code)
        burnt.add(code)
        if (!(await isKnownClient(request)))
          return { status: 401, body: { error: 'invalid_client' } }
        if (isBurnt) return { status: 400, body: { error: 'invalid_grant' } }
        const refreshToken = form.get('refresh_token')
        const refreshed = refreshToken === null ? {} : answers.refreshed(refreshToken)
        if (refreshed === null) return { status: 400, body: { error: 'invalid_grant' } }
        const tokens = {
          access_token: 'opaque',
          token_type: 'Bearer',
          expires_in: 300,
          ...(refreshToken === null ? answers.moreTokens : refreshed.tokens),
        }
        if (answers.withoutIdToken) return { body: tokens }
        return {
          body: { ...tokens, id_token: await signIdToken(form.get('code'), refreshed.claims) },
        }
      }
      case '/par': {
        if (!(await isKnownClient(request)))
          return { status: 401, body: { error: 'invalid_client' } }
        const reference = `urn:ietf:params:oauth:request_uri:${pushed.size}`
        pushed.set(reference, request.form)
        return { status: 201, body: { request_uri: reference, expires_in: 60 } }
      }
      case '/device':
        if (!(await isKnownClient(request)))
          return { status: 401, body: { error: 'invalid_client' } }
        return answers.device ?? { status: 404, body: {} }
      case '/userinfo':
        return answers.userinfo ?? { status: 404, body: {} }
      default:
        return { status: 404, body: {} }
    }
  }

  async function isKnownClient(request: JsonRequest): Promise<boolean> {
    const { client } = answers
    if (client === null) return true
    const isBasic = request.headers.authorization !== undefined
    if (client.method === 'private_key_jwt') {
      const usual = { audience: issuer, issuer: clientId, subject: clientId, isOwn: true }
      const known = { ...usual, algorithms: signatures, ...client }
      return !isBasic && assertions.isTaken(request.form, known)
    }
    if (isBasic !== (client.method === 'client_secret_basic')) return false
    // RFC 6749 §2.3: one way alone.
    if (isBasic && request.form.has('client_secret')) return false
    const { id, secret } = readClient(request)
    return id === clientId && secret === client.secret
  }

  async function signIdToken(code: string | null, more?: JWTPayload): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const claims = answers.claims({
      iss: issuer,
      aud: clientId,
      sub: 'ada',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      iat: now,
      exp: now + 300,
      ...(code !== null && { nonce: nonces.get(code) }),
      ...more,
    })
    return sign(claims, 'JWT')
  }

  async function sign(claims: JWTPayload, typ: string): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: published.kid, typ })
      .sign(await signingKey())
  }

  /** The key that nobody publishes is made where it is needed: few do, and it takes long. */
  async function signingKey() {
    if (!answers.forgedSignature) return published.privateKey
    unpublished ??= keys.next()
    return (await unpublished).privateKey
  }

  /** What a browser brings to the sign-in page, as far as it is taken. */
  function readRequest(authorizationUrl: URL): URLSearchParams {
    if (!answers.wantsPush) return authorizationUrl.searchParams
    const {
      client_id: id,
      request_uri: reference = '',
      ...more
    } = Object.fromEntries(authorizationUrl.searchParams)
    const request = pushed.get(reference)
    pushed.set(reference, new URLSearchParams())
    if (!request?.has('state') || id !== clientId || Object.keys(more).length > 0) {
      throw new Error(`The provider takes no such request: ${authorizationUrl.search}`)
    }
    return request
  }

  return {
    issuer,
    clientId,
    answers,
    tokenRequests,
    /** What proved the client so far. */
    assertions: assertions.taken,
    /** How many bytes of its huge answers somebody took. */
    poured: () => poured,
    /** How often a path was asked for so far. */
    countRequests: (path: string) =>
      server.requests.filter(({ url }) => url.pathname === path).length,
    /** Any claims, signed as everything else is; the header may say otherwise. */
    signClaims: async (claims: JWTPayload, header: { typ?: string } = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: published.kid, ...header })
        .sign(await signingKey()),
    /** An access token for the hub's API, signed with the key that its id_tokens are signed with. */
    signAccessToken: (claims: JWTPayload) =>
      new SignJWT({ iss: issuer, aud: 'hub', azp: 'cli', typ: 'Bearer', ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: published.kid, typ: 'JWT' })
        .setExpirationTime('5m')
        .sign(published.privateKey),
    /** What its sign-in page would do: the callback's parameters for an authorization request. */
    authorize(authorizationUrl: URL): URLSearchParams {
      const code = `code-${nonces.size}`
      const request = readRequest(authorizationUrl)
      nonces.set(code, request.get('nonce')!)
      return new URLSearchParams({
        code,
        state: request.get('state')!,
        iss: issuer,
      })
    },
    /** A back-channel logout token as it should be, but for `change`. */
    createLogoutToken(
      change: (claims: JWTPayload) => JWTPayload = (claims) => claims,
      typ = 'logout+jwt',
    ): Promise<string> {
      const now = Math.floor(Date.now() / 1000)
      return sign(
        change({
          iss: issuer,
          aud: clientId,
          iat: now,
          exp: now + 120,
          jti: randomUUID(),
          sub: 'ada',
          sid: 'session-1',
          events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
        }),
        typ,
      )
    },
    /** From now on another key signs, under another name unless it is given, and the old one is not published any more. */
    async rotateKeys(kid = `${published.kid}x`): Promise<void> {
      published = { ...(await keys.next()), kid }
    },
    kid: () => published.kid,
    beHonest: () => Object.assign(answers, honest),
    async stop() {
      await server.stop()
      keys.giveBack()
    },
  }
}

export type OddIdentityProvider = Awaited<ReturnType<typeof startOddIdentityProvider>>

function misbehave(
  res: ServerResponse,
  way: Answers['misbehaves'][string],
  path: string,
  onPoured: (bytes: number) => void,
): void {
  switch (way) {
    case 'down':
      return void res.writeHead(503).end()
    case 'silent':
      return
    case 'cut':
      return void res.destroy()
    case 'redirect':
      // Whoever follows gets what was asked for.
      return void res.writeHead(307, { location: `/moved${path}` }).end()
    case 'html':
      return void res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Maintenance</h1>')
    case 'slow': {
      res.writeHead(200, { 'content-type': 'application/json' })
      const timer = setInterval(() => res.write(' '), 100)
      return void res.once('close', () => clearInterval(timer))
    }
    case 'huge': {
      res.writeHead(200, { 'content-type': 'application/json' })
      const chunk = Buffer.alloc(64 * 1024, 0x20)
      const pour = () => {
        let isDrained = true
        while (isDrained && !res.destroyed) {
          isDrained = res.write(chunk)
          onPoured(chunk.length)
        }
        if (!res.destroyed) res.once('drain', pour)
      }
      return pour()
    }
  }
}
