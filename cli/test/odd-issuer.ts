import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { prepareStop, type KeyPair } from '@hub/demo'
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose'

/** What a provider may do differently from a good one. */
export type Oddity = {
  /** The issuer that it says it is. */
  issuer?: string
  /** Its clock is ahead by so many seconds. */
  clockSeconds?: number
  /** How long its tokens are good. */
  lifetimeSeconds?: number
  /** Claims beside or instead of the right ones. */
  claims?: JWTPayload
  /** Signed by a key that it does not publish. */
  isForged?: boolean
  hasNoIdToken?: boolean
  hasNoIdTokenOnRefresh?: boolean
  hasNoRefreshToken?: boolean
  /** Bytes of a claim of the ID token. */
  claimBytes?: number
  /** What it answers to the sign-in page, instead of a code. */
  authorizationError?: string
  /** Refuses the scope offline_access. */
  refusesOffline?: boolean
  /** What it answers to token requests of a grant type, as `error`; `(hangs up)` for one that it leaves unanswered. */
  tokenErrors?: Record<string, string[]>
  /** What its answer to a token request waits for. */
  tokenGate?: Promise<void>
  hasNoDeviceCode?: boolean
  /** What its metadata say beside or instead of the usual. */
  metadata?: Record<string, unknown>
  /** How its tokens are signed, instead of by RS256. */
  algorithm?: string
  /** The one way that it takes a client's secret by, or that it takes none; else any. */
  secretBy?: 'header' | 'body' | 'none'
  /** What comes from a path instead of its answer. */
  answers?: Record<string, { status: number; headers?: Record<string, string>; body?: string }>
  /** Seconds between two questions about a device code. */
  deviceInterval?: number
  /** Headers of every answer of a path, beside or instead of the usual. */
  headers?: Record<string, Record<string, string>>
  /** What its answers of a path hold beside or instead of the usual, where they are JSON. */
  members?: Record<string, Record<string, unknown>>
}

export type TokenRequest = Record<string, string>
export type OddIssuer = Awaited<ReturnType<typeof startOddIssuer>>

/** An OpenID provider that signs everybody in at once, and does what it is told to do wrong. */
export async function startOddIssuer(options: { tls?: KeyPair } = {}) {
  const otherKeys = await generateKeyPair('RS256')
  const keysOf = new Map<string, Awaited<ReturnType<typeof generateKeyPair>>>()
  const getKeys = async () => {
    const algorithm = odd.algorithm ?? 'RS256'
    const keys = keysOf.get(algorithm) ?? (await generateKeyPair(algorithm))
    keysOf.set(algorithm, keys)
    return { ...keys, algorithm }
  }
  const publishKeys = async () => {
    const { algorithm, publicKey } = await getKeys()
    // As some providers do, without the name of the algorithm.
    return { keys: [{ ...(await exportJWK(publicKey)), kid: algorithm, use: 'sig' }] }
  }
  const codes = new Map<string, Record<string, string>>()
  const pushed = new Map<string, Record<string, string>>()
  const requests: { path: string; form: TokenRequest; headers: IncomingMessage['headers'] }[] = []
  let odd: Oddity = {}

  const server = options.tls
    ? createTlsServer({ cert: options.tls.certificate, key: options.tls.privateKey })
    : createServer()
  const stop = prepareStop(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const issuer = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`
  const now = () => Math.floor(Date.now() / 1000) + (odd.clockSeconds ?? 0)

  const metadata = () => ({
    issuer: odd.issuer ?? issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    revocation_endpoint: `${issuer}/revoke`,
    end_session_endpoint: `${issuer}/end`,
    pushed_authorization_request_endpoint: `${issuer}/par`,
    ...(!odd.hasNoDeviceCode && { device_authorization_endpoint: `${issuer}/device` }),
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', ...(odd.algorithm ? [odd.algorithm] : [])],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: ['openid', 'email', 'offline_access'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
    ...odd.metadata,
  })

  const signToken = async (audience: string, nonce?: string) => {
    const { algorithm, privateKey } = await getKeys()
    const jwt = new SignJWT({
      iss: issuer,
      aud: audience,
      sub: 'vera',
      email: 'vera@example.org',
      jti: randomUUID(),
      iat: now(),
      exp: now() + (odd.lifetimeSeconds ?? 3600),
      ...(nonce !== undefined && { nonce }),
      ...(odd.claimBytes !== undefined && { groups: 'g'.repeat(odd.claimBytes) }),
      ...odd.claims,
    })
    jwt.setProtectedHeader({ alg: algorithm, kid: algorithm })
    return await jwt.sign(odd.isForged ? otherKeys.privateKey : privateKey)
  }

  const authorize = (url: URL, response: ServerResponse) => {
    const given = Object.fromEntries(url.searchParams)
    const asked = pushed.get(given['request_uri'] ?? '') ?? given
    if (odd.metadata?.['require_pushed_authorization_requests'] === true && asked === given) {
      response.writeHead(400).end('Push the request first.')
      return
    }
    const back = new URL(asked['redirect_uri']!)
    back.searchParams.set('state', asked['state']!)
    const error =
      odd.refusesOffline && asked['scope']!.includes('offline_access')
        ? 'invalid_scope'
        : odd.authorizationError
    if (error !== undefined) back.searchParams.set('error', error)
    else {
      const code = randomUUID()
      codes.set(code, asked)
      back.searchParams.set('code', code)
    }
    requests.push({ path: url.pathname, form: asked, headers: {} })
    response.writeHead(302, { location: back.href }).end()
  }

  const answerToken = async (form: TokenRequest, clientId: string, send: Send) => {
    const grant = form['grant_type']!
    await odd.tokenGate
    const error = odd.tokenErrors?.[grant]?.shift()
    if (error === '(hangs up)') throw new Error(error)
    if (error !== undefined) return send(400, { error, error_description: `${error} it is` })
    const asked = grant === 'authorization_code' ? codes.get(form['code']!) : {}
    if (asked === undefined) return send(400, { error: 'invalid_grant' })
    codes.delete(form['code'] ?? '')
    if (form['redirect_uri'] !== asked['redirect_uri']) {
      return send(400, { error: 'invalid_grant', error_description: 'wrong redirect_uri' })
    }
    const challenge = asked['code_challenge']
    if (challenge !== undefined && challenge !== challengeOf(form['code_verifier'] ?? '')) {
      return send(400, { error: 'invalid_grant', error_description: 'wrong code_verifier' })
    }
    const isRefresh = grant === 'refresh_token'
    const hasIdToken =
      grant !== 'client_credentials' &&
      !odd.hasNoIdToken &&
      !(isRefresh && odd.hasNoIdTokenOnRefresh)
    send(200, {
      token_type: 'Bearer',
      access_token: await signToken(`${clientId}-api`),
      expires_in: odd.lifetimeSeconds ?? 3600,
      ...(hasIdToken && { id_token: await signToken(clientId, asked['nonce']) }),
      ...(!odd.hasNoRefreshToken &&
        grant !== 'client_credentials' && { refresh_token: `refresh-${randomUUID()}` }),
    })
  }

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    response.setHeader('date', new Date(now() * 1000).toUTCString())
    const url = new URL(request.url!, issuer)
    const instead = odd.answers?.[url.pathname]
    if (instead) {
      response.writeHead(instead.status, instead.headers).end(instead.body)
      return
    }
    const send: Send = (status, body) => {
      response
        .writeHead(status, { 'content-type': 'application/json', ...odd.headers?.[url.pathname] })
        .end(JSON.stringify({ ...body, ...odd.members?.[url.pathname] }))
    }
    if (url.pathname.endsWith('/.well-known/openid-configuration')) {
      requests.push({ path: url.pathname, form: {}, headers: request.headers })
      return send(200, metadata())
    }
    if (url.pathname === '/keys') return send(200, await publishKeys())
    if (url.pathname === '/authorize') return authorize(url, response)
    const form = await readForm(request)
    requests.push({ path: url.pathname, form, headers: request.headers })
    const secretBy =
      request.headers.authorization !== undefined
        ? 'header'
        : form['client_secret']
          ? 'body'
          : 'none'
    const isClientAsked = url.pathname === '/token' || url.pathname === '/revoke'
    if (isClientAsked && odd.secretBy !== undefined && odd.secretBy !== secretBy) {
      // RFC 6749 §5.2: who tries it by the header is told by one.
      response.setHeader('www-authenticate', 'Basic realm="tokens"')
      return send(401, { error: 'invalid_client', error_description: `not by ${secretBy}` })
    }
    if (url.pathname === '/par') {
      const requestUri = `urn:ietf:params:oauth:request_uri:${randomUUID()}`
      pushed.set(requestUri, form)
      return send(201, { request_uri: requestUri, expires_in: 60 })
    }
    if (url.pathname === '/token') return answerToken(form, clientOf(request, form), send)
    if (url.pathname === '/device') {
      return send(200, {
        device_code: 'device',
        user_code: 'WDJB-MJHT',
        verification_uri: `${issuer}/enter`,
        verification_uri_complete: `${issuer}/enter?code=WDJB-MJHT`,
        expires_in: 600,
        interval: odd.deviceInterval ?? 1,
      })
    }
    response.writeHead(url.pathname === '/revoke' || url.pathname === '/end' ? 200 : 404).end()
  }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  return {
    issuer,
    /** Everything that was asked of it, but for keys. */
    requests,
    tokenRequests: () => requests.filter(({ path }) => path === '/token').map(({ form }) => form),
    become: (next: Oddity) => {
      odd = next
    },
    stop,
  }
}

type Send = (status: number, body: object) => void

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

function clientOf(request: IncomingMessage, form: TokenRequest): string {
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (basic === undefined) return form['client_id']!
  return decodeURIComponent(Buffer.from(basic, 'base64').toString('utf8').split(':')[0]!)
}

async function readForm(request: IncomingMessage): Promise<TokenRequest> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return Object.fromEntries(new URLSearchParams(text))
}
