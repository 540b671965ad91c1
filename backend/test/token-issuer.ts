import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import {
  exportJWK,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose'
import { takeRsaKeys } from './rsa-keys.ts'

type Key = { kid: string; privateKey: CryptoKey; publicKey: CryptoKey; jwk: JWK }

/** A claim that is undefined is left out. */
export type Claims = { [Claim in keyof JWTPayload]: JWTPayload[Claim] | undefined }

export type TokenIssuer = Awaited<ReturnType<typeof startTokenIssuer>>

/** An issuer of access tokens: discovery, keys that a test rotates, and whatever claims it wants. */
export async function startTokenIssuer({ path = '' } = {}) {
  const requests: string[] = []
  const pairs = takeRsaKeys()
  let keys: Key[] = [await createKey('k1', pairs)]
  let isDown = false
  const exchanges: { authorization: string | undefined; form: URLSearchParams }[] = []
  let answerExchange:
    | ((form: URLSearchParams) => Promise<{ status: number; body: unknown }>)
    | null = null

  const server = createServer((req, res) => {
    requests.push(req.url!)
    if (isDown) return void res.writeHead(503).end('{}')
    if (req.url === '/token' && answerExchange) {
      void exchange(req, answerExchange).then(({ body, status }) =>
        res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      )
      return
    }
    const found = req.url === `${path}/.well-known/openid-configuration` || req.url === '/jwks'
    const document =
      req.url === '/jwks'
        ? { keys: keys.map(({ jwk }) => jwk) }
        : { issuer, jwks_uri: `${origin}/jwks`, token_endpoint: `${origin}/token` }
    res
      .writeHead(found ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(document))
  })
  const exchange = async (
    req: IncomingMessage,
    answer: NonNullable<typeof answerExchange>,
  ): Promise<{ status: number; body: unknown }> => {
    const form = new URLSearchParams(await text(req))
    exchanges.push({ authorization: req.headers.authorization, form })
    return answer(form)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = `${origin}${path}`

  return {
    origin,
    issuer,
    /** The paths that were asked for. */
    requests,
    key: () => keys[0]!,
    /** Keeps the older keys unless told otherwise. */
    async rotate(kid: string, options: { keepOlder: boolean } = { keepOlder: true }) {
      keys = [await createKey(kid, pairs), ...(options.keepOlder ? keys : [])]
    },
    setDown: (value: boolean) => (isDown = value),
    /** What its token endpoint was asked, and with what it answers. */
    exchanges,
    setExchange: (answer: typeof answerExchange) => (answerExchange = answer),
    /** An access token of the client `ci`, got with its own credentials, unless the claims say otherwise. */
    sign: (
      claims: Claims = {},
      header: Partial<JWTHeaderParameters> = {},
      key: Pick<Key, 'kid' | 'privateKey'> = keys[0]!,
    ) => {
      const now = Math.floor(Date.now() / 1000)
      const payload = {
        iss: issuer,
        aud: 'hub',
        sub: 'ci',
        azp: 'ci',
        scope: 'hub',
        iat: now,
        exp: now + 300,
        ...claims,
      }
      const defined = Object.entries(payload).filter(([, value]) => value !== undefined)
      return new SignJWT(Object.fromEntries(defined))
        .setProtectedHeader({ alg: 'RS256', kid: key.kid, ...header })
        .sign(key.privateKey)
    },
    async stop() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      pairs.giveBack()
    },
  }
}

export async function createKey(kid: string, pairs = takeRsaKeys()): Promise<Key> {
  const { privateKey, publicKey } = await pairs.next()
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }
  return { kid, privateKey, publicKey, jwk }
}
