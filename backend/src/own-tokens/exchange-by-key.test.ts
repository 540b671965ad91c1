import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPairSync } from 'node:crypto'
import { decodeJwt, jwtVerify, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { createExchange } from './exchange-token.ts'

const issuer = 'https://id.example.com'
const now = new Date('2030-01-31T10:00:00Z')
const tokenOf = (subject: string) =>
  new UnsecuredJWT({ sub: subject })
    .setIssuer(issuer)
    .setExpirationTime(new Date(now.getTime() + 600_000))
    .encode()

test('a client without a secret exchanges tokens with an assertion for their issuer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'exchange-'))
  try {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const path = join(folder, 'key.pem')
    await writeFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const asked: URLSearchParams[] = []
    const answer = (async (url: string, { body, headers }: RequestInit) => {
      if (!(body instanceof URLSearchParams)) {
        return Response.json({ issuer, token_endpoint: `${issuer}/token` })
      }
      expect([url, new Headers(headers).get('authorization')]).toEqual([`${issuer}/token`, null])
      asked.push(body)
      return Response.json({ access_token: tokenOf('there') })
    }) as typeof fetch
    const credential = { type: 'key' as const, variable: 'HUB_EXCHANGE_CLIENTS', path }
    const exchange = createExchange({
      config: { exchangeClients: new Map([['*', { clientId: 'hub', credential }]]) },
      fetch: answer,
      now: () => now,
    })
    const text = tokenOf('ada')
    const shown = { text, claims: decodeJwt(text), type: 'access_token' as const }
    const profile = {
      issuer,
      clientId: 'kubernetes',
      usernameClaim: 'sub' as const,
      extraScopes: [],
      needsSecret: false,
      usernamePrefix: null,
      groupsClaim: null,
      groupsPrefix: null,
      server: null,
      source: 'manual' as const,
      changedAt: now.toISOString(),
      changedBy: null,
    }
    const at = { instance: 'a', key: 'k', now, profile }
    expect((await exchange(shown, at)).claims.sub).toBe('there')
    const assertion = asked[0]!.get('client_assertion')!
    const { payload } = await jwtVerify(assertion, publicKey, { currentDate: now })
    expect(payload).toMatchObject({ iss: 'hub', sub: 'hub', aud: issuer })
    await rm(path)
    await expect(exchange(shown, { ...at, key: 'other' })).rejects.toMatchObject({
      code: 'provider-unavailable',
    })
    expect(asked).toHaveLength(1)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
