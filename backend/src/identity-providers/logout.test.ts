import type { JWTPayload } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '#config'
import { startEntra } from '../../test/entra.ts'
import { startGithub } from '../../test/github.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { createProviders, type IdentityProvider } from './index.ts'
import { createEndSessionUrl } from './logout.ts'
import type { ProviderMetadata } from './oidc-discovery.ts'

const returnTo = 'http://localhost:3001/login'
const event = 'http://schemas.openid.net/event/backchannel-logout'

function createProvider(env: Record<string, string>, now = () => new Date()): IdentityProvider {
  const config = loadConfig({
    HUB_MODE: 'true',
    SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
    ...env,
  })
  return createProviders({ config, fetch, now })[0]!
}

describe('an OpenID provider', () => {
  let identityProvider: OddIdentityProvider
  let provider: IdentityProvider
  const environment = () => ({
    ENABLED_AUTH_PROVIDERS: 'oidc',
    OIDC_PROVIDER_ISSUER: identityProvider.issuer,
    OIDC_PROVIDER_CLIENT_ID: identityProvider.clientId,
  })

  beforeAll(async () => {
    identityProvider = await startOddIdentityProvider()
    provider = createProvider(environment())
  })
  afterAll(() => identityProvider.stop())
  afterEach(() => identityProvider.beHonest())

  test('ends its own session where its metadata says', async () => {
    const url = await provider.createLogoutUrl!({ idToken: 'a.b.c', returnTo })
    expect(`${url!.origin}${url!.pathname}`).toBe(`${identityProvider.issuer}/logout`)
    expect(Object.fromEntries(url!.searchParams)).toEqual({
      client_id: identityProvider.clientId,
      post_logout_redirect_uri: returnTo,
      id_token_hint: 'a.b.c',
    })
  })

  test.each([null, 'x'.repeat(9000)])(
    'goes without an id_token that is no hint (%#)',
    async (idToken) => {
      const url = await provider.createLogoutUrl!({ idToken, returnTo })
      expect(url!.searchParams.has('id_token_hint')).toBe(false)
      expect(url!.searchParams.get('client_id')).toBe(identityProvider.clientId)
    },
  )

  test('is told where to lead back in words of its own, where it is Amazon Cognito', () => {
    const endSessionEndpoint = 'https://people.auth.eu-west-1.amazoncognito.com/logout'
    const ask = (issuer: string) =>
      Object.fromEntries(
        createEndSessionUrl({ issuer, endSessionEndpoint } as ProviderMetadata, 'hub', {
          idToken: 'a.b.c',
          returnTo,
        })!.searchParams,
      )
    expect(ask('https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1')).toEqual({
      client_id: 'hub',
      logout_uri: returnTo,
    })
    expect(ask('https://cognito-idp.eu-west-1.amazonaws.com.evil.example/x')).toHaveProperty(
      'post_logout_redirect_uri',
    )
  })

  test('has no such page, as Google has none', async () => {
    identityProvider.answers.discovery = ({ end_session_endpoint: _, ...document }) => document
    const other = createProvider(environment())
    expect(await other.createLogoutUrl!({ idToken: null, returnTo })).toBeNull()
  })

  test('#25 a logout token that holds names the person, their session, and itself', async () => {
    const seconds = Math.floor(Date.now() / 1000)
    const token = await identityProvider.createLogoutToken((claims) => ({
      ...claims,
      jti: 'j1',
      exp: seconds + 100,
    }))
    expect(await provider.verifyLogoutToken!(token)).toEqual({
      issuer: identityProvider.issuer,
      subject: 'ada',
      sessionId: 'session-1',
      id: `${identityProvider.issuer} j1`,
      expiresAt: new Date((seconds + 105) * 1000),
    })
  })

  test.each<[string, (claims: JWTPayload) => JWTPayload, string?]>([
    ['without sid', ({ sid: _, ...claims }) => claims],
    ['without sub', ({ sub: _, ...claims }) => claims],
    ['without exp', ({ exp: _, ...claims }) => claims],
    ['of the usual type', (claims) => claims, 'JWT'],
    ['of the whole media type', (claims) => claims, 'application/logout+jwt'],
    ['for several audiences', (claims) => ({ ...claims, aud: ['other', 'hub-under-test'] })],
  ])('#25 a logout token %s holds too', async (_name, change, typ) => {
    const token = await identityProvider.createLogoutToken(change, typ)
    const { id } = await provider.verifyLogoutToken!(token)
    expect(id).toContain(identityProvider.issuer)
  })

  const seconds = () => Math.floor(Date.now() / 1000)
  test.each<[string, (claims: JWTPayload) => JWTPayload, string?]>([
    ['a nonce', (claims) => ({ ...claims, nonce: 'n' })],
    ['no events', ({ events: _, ...claims }) => claims],
    ['another event', (claims) => ({ ...claims, events: { 'http://example.com/e': {} } })],
    ['an event that is not an object', (claims) => ({ ...claims, events: { [event]: true } })],
    ['another audience', (claims) => ({ ...claims, aud: 'other' })],
    ['another issuer', (claims) => ({ ...claims, iss: 'https://evil.example.com' })],
    ['no jti', ({ jti: _, ...claims }) => claims],
    ['no iat', ({ iat: _, ...claims }) => claims],
    ['an old iat', (claims) => ({ ...claims, iat: seconds() - 700, exp: seconds() + 100 })],
    ['a past exp', (claims) => ({ ...claims, exp: seconds() - 60 })],
    ['neither sub nor sid', ({ sid: _sid, sub: _sub, ...claims }) => claims],
    ['the type of an access token', (claims) => claims, 'at+jwt'],
  ])('#25 a logout token with %s is refused', async (_name, change, typ) => {
    const token = await identityProvider.createLogoutToken(change, typ)
    await expect(provider.verifyLogoutToken!(token)).rejects.toMatchObject({
      code: 'logout-token-invalid',
    })
  })

  test('#25 a logout token that nobody signed, or somebody else, is refused', async () => {
    identityProvider.answers.forgedSignature = true
    const forged = await identityProvider.createLogoutToken()
    const [, payload] = forged.split('.')
    const none = Buffer.from('{"alg":"none","typ":"logout+jwt"}').toString('base64url')
    for (const token of [forged, `${none}.${payload}.`, 'x', '']) {
      await expect(provider.verifyLogoutToken!(token)).rejects.toMatchObject({
        code: 'logout-token-invalid',
      })
    }
  })

  test('#25 tokens with unknown keys do not make the hub ask for keys without end', async () => {
    await provider.verifyLogoutToken!(await identityProvider.createLogoutToken())
    const before = identityProvider.countRequests('/jwks')
    const [, payload, signature] = (await identityProvider.createLogoutToken()).split('.')
    for (let index = 0; index < 50; index += 1) {
      const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid: `k${index}` }))
      const token = `${header.toString('base64url')}.${payload}.${signature}`
      await expect(provider.verifyLogoutToken!(token)).rejects.toMatchObject({
        code: 'logout-token-invalid',
      })
    }
    expect(identityProvider.countRequests('/jwks') - before).toBeLessThanOrEqual(6)
  })
})

test('Google is never asked for prompt=login, which it refuses', async () => {
  const base = 'https://accounts.google.com'
  const config = loadConfig({
    HUB_MODE: 'true',
    SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
    ENABLED_AUTH_PROVIDERS: 'oidc',
    OIDC_PROVIDER_ISSUER: base,
    OIDC_PROVIDER_CLIENT_ID: 'hub',
  })
  const document = {
    issuer: base,
    authorization_endpoint: `${base}/o/oauth2/v2/auth`,
    token_endpoint: 'https://oauth2.googleapis.com/token',
    jwks_uri: 'https://www.googleapis.com/oauth2/v3/certs',
    scopes_supported: ['openid', 'email', 'profile'],
  }
  const answer = async () => Response.json(document)
  const [google] = createProviders({ config, fetch: answer, now: () => new Date() })
  const url = await google!.createAuthorizationUrl({
    state: 's',
    nonce: 'n',
    codeVerifier: 'v'.repeat(43),
    redirectUri: 'https://hub.example.com/api/auth/callback/oidc',
    forceLogin: true,
  })
  expect(url.searchParams.get('prompt')).toBe('select_account')
  expect(url.searchParams.has('max_age')).toBe(false)
})

test('Entra ends its session in the browser alone, with the hint of the id_token', async () => {
  const entra = await startEntra()
  const provider = createProvider({ ENABLED_AUTH_PROVIDERS: 'entra', ...entra.environment() })
  const payload = Buffer.from(JSON.stringify({ login_hint: 'O.hint' })).toString('base64url')
  const url = await provider.createLogoutUrl!({ idToken: `x.${payload}.y`, returnTo })
  expect(url!.pathname).toMatch(/\/oauth2\/v2\.0\/logout$/)
  expect(Object.fromEntries(url!.searchParams)).toEqual({
    post_logout_redirect_uri: returnTo,
    logout_hint: 'O.hint',
  })
  const without = await provider.createLogoutUrl!({ idToken: null, returnTo })
  expect(without!.searchParams.has('logout_hint')).toBe(false)
  expect(provider.verifyLogoutToken).toBeUndefined()
  await entra.stop()
})

test('GitHub has no way to end its session', async () => {
  const github = await startGithub()
  const provider = createProvider({ ENABLED_AUTH_PROVIDERS: 'github', ...github.environment() })
  expect(provider.createLogoutUrl).toBeUndefined()
  expect(provider.verifyLogoutToken).toBeUndefined()
  await github.stop()
})
