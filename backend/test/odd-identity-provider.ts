import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose'

type Answers = {
  discovery: (document: Record<string, unknown>) => unknown
  claims: (claims: JWTPayload) => JWTPayload
  /** Signs with a key that the provider does not publish. */
  forgedSignature: boolean
  /** What the token endpoint answers instead of tokens. */
  tokenError: { status: number; body: unknown } | null
  withoutIdToken: boolean
}

const honest: Answers = {
  discovery: (document) => document,
  claims: (claims) => claims,
  forgedSignature: false,
  tokenError: null,
  withoutIdToken: false,
}

/** An OpenID provider that answers as a test tells it: honestly unless `answers` says otherwise. */
export async function startOddIdentityProvider() {
  const clientId = 'hub-under-test'
  const published = await generateKeyPair('RS256')
  const unpublished = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(published.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }
  const answers: Answers = { ...honest }
  const nonces = new Map<string, string>()
  const tokenRequests: { authorization: string | undefined; body: URLSearchParams }[] = []

  const server = createServer((req, res) => {
    void answer(req, res).catch((error: unknown) => res.destroy(error as Error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    switch (new URL(req.url!, issuer).pathname) {
      case '/.well-known/openid-configuration':
        return send(
          res,
          200,
          answers.discovery({
            issuer,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/jwks`,
            end_session_endpoint: `${issuer}/logout`,
            authorization_response_iss_parameter_supported: true,
          }),
        )
      case '/jwks':
        return send(res, 200, { keys: [jwk] })
      case '/token': {
        const body = new URLSearchParams(await readAll(req))
        tokenRequests.push({ authorization: req.headers.authorization, body })
        if (answers.tokenError) return send(res, answers.tokenError.status, answers.tokenError.body)
        const tokens = { access_token: 'opaque', token_type: 'Bearer', expires_in: 300 }
        if (answers.withoutIdToken) return send(res, 200, tokens)
        return send(res, 200, { ...tokens, id_token: await signIdToken(body.get('code')!) })
      }
      default:
        return send(res, 404, {})
    }
  }

  async function signIdToken(code: string): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const claims = answers.claims({
      iss: issuer,
      aud: clientId,
      sub: 'ada',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      iat: now,
      exp: now + 300,
      nonce: nonces.get(code),
    })
    const { privateKey } = answers.forgedSignature ? unpublished : published
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(privateKey)
  }

  return {
    issuer,
    clientId,
    answers,
    tokenRequests,
    /** What its sign-in page would do: the callback's parameters for an authorization request. */
    authorize(authorizationUrl: URL): URLSearchParams {
      const code = `code-${nonces.size}`
      nonces.set(code, authorizationUrl.searchParams.get('nonce')!)
      return new URLSearchParams({
        code,
        state: authorizationUrl.searchParams.get('state')!,
        iss: issuer,
      })
    },
    /** A back-channel logout token as it should be, but for `change`. */
    createLogoutToken(
      change: (claims: JWTPayload) => JWTPayload = (claims) => claims,
      typ = 'logout+jwt',
    ): Promise<string> {
      const now = Math.floor(Date.now() / 1000)
      const claims = change({
        iss: issuer,
        aud: clientId,
        iat: now,
        exp: now + 120,
        jti: randomUUID(),
        sub: 'ada',
        sid: 'session-1',
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      })
      const { privateKey } = answers.forgedSignature ? unpublished : published
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: 'k1', typ })
        .sign(privateKey)
    },
    beHonest: () => Object.assign(answers, honest),
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

export type OddIdentityProvider = Awaited<ReturnType<typeof startOddIdentityProvider>>

function send(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function readAll(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
