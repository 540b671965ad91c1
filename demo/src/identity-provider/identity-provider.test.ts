import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startIdentityProvider } from './identity-provider.ts'
import type { IdentityProvider } from './identity-provider.ts'
import { personas } from './personas.ts'
import type { Untyped } from '../objects.ts'

const redirectUri = 'http://127.0.0.1:39999/api/auth/callback/oidc'
const client = { clientId: 'hub', clientSecret: 'not so secret+%', name: 'The hub' }

describe('identity provider', () => {
  let idp: IdentityProvider
  let metadata: Untyped
  beforeAll(async () => {
    idp = await startIdentityProvider({
      clients: [
        {
          ...client,
          redirectUris: [redirectUri, 'http://localhost:39999/api/auth/callback/oidc'],
          postLogoutRedirectUris: ['http://127.0.0.1:39999/'],
        },
      ],
    })
    metadata = await getJson(`${idp.issuer}/.well-known/openid-configuration`)
  })
  afterAll(() => idp.stop())

  test('discovery names itself, PKCE S256 and the iss parameter', () => {
    expect(metadata.issuer).toBe(idp.issuer)
    expect(metadata.code_challenge_methods_supported).toEqual(['S256'])
    expect(metadata.authorization_response_iss_parameter_supported).toBe(true)
    expect(metadata.end_session_endpoint).toMatch(/^http/)
  })

  test.each(personas)('$sub signs in with one click and no consent screen', async (persona) => {
    const browser = createBrowser()
    const { callback, tokens } = await signIn(browser, persona.sub)
    expect(callback.searchParams.get('iss')).toBe(idp.issuer)
    expect(callback.searchParams.get('state')).toBe('state-1')
    const claims = await verifyIdToken(tokens.id_token)
    expect(claims).toMatchObject({
      iss: idp.issuer,
      aud: client.clientId,
      nonce: 'nonce-1',
      sub: persona.sub,
      name: persona.name,
      preferred_username: persona.sub,
      email: persona.email,
      email_verified: true,
      groups: persona.groups,
    })
    expect(tokens.refresh_token).toBeTypeOf('string')
  })

  test('a refresh token gives a new id_token of the same person', async () => {
    const { tokens } = await signIn(createBrowser(), 'viewer')
    const refreshed = await redeem({
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
    })
    expect(refreshed.status).toBe(200)
    expect(await verifyIdToken(((await refreshed.json()) as Untyped).id_token)).toMatchObject({
      sub: 'viewer',
    })
  })

  test('prompt=consent, as clients send for offline access, does not stop anybody', async () => {
    const { tokens } = await signIn(createBrowser(), 'viewer', { prompt: 'consent' })
    expect(tokens.refresh_token).toBeTypeOf('string')
  })

  test('a second sign-in in the same browser needs no click, prompt=login does', async () => {
    const browser = createBrowser()
    await signIn(browser, 'deployer')
    const silent = await browser.follow(authorizationUrl(challengeOf('v'.repeat(43))))
    expect(silent.callback?.searchParams.get('code')).toBeTruthy()
    const again = await browser.follow(
      authorizationUrl(challengeOf('v'.repeat(43)), { prompt: 'login' }),
    )
    expect(again.html).toContain('Who do you want to be?')
  })

  test('Cancel returns access_denied to the client', async () => {
    const browser = createBrowser()
    const page = await browser.follow(authorizationUrl(challengeOf('v'.repeat(43))))
    const { callback } = await browser.follow(page.url, { persona: 'cancel' })
    expect(callback!.searchParams.get('error')).toBe('access_denied')
    expect(callback!.searchParams.get('state')).toBe('state-1')
  })

  test('refuses a request without PKCE, and a redirect it does not know', async () => {
    const withoutPkce = await createBrowser().follow(authorizationUrl(undefined))
    expect(withoutPkce.callback!.searchParams.get('error')).toBe('invalid_request')
    const elsewhere = authorizationUrl(challengeOf('v'.repeat(43)), {
      redirect_uri: 'https://evil.example/callback',
    })
    const answer = await createBrowser().follow(elsewhere)
    expect(answer.callback).toBeUndefined()
    expect(answer.html).toContain('redirect_uri')
  })

  test('refuses a code with another verifier, and a second time', async () => {
    const browser = createBrowser()
    const verifier = randomBytes(32).toString('base64url')
    const code = await obtainCode(browser, 'viewer', verifier)
    const exchange = (codeVerifier: string) =>
      redeem({
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: codeVerifier,
      })
    expect((await exchange('x'.repeat(43))).status).toBe(400)
    expect((await exchange(verifier)).status).toBe(200)
    expect((await exchange(verifier)).status).toBe(400)
  })

  test('the sign-in page has one button per persona, a Cancel and a strict policy', async () => {
    const page = await createBrowser().follow(authorizationUrl(challengeOf('v'.repeat(43))))
    for (const persona of personas) {
      expect(page.html).toContain(persona.name)
      expect(page.html).toContain(persona.may)
    }
    expect(page.html).toContain('Cancel')
    const policy = page.headers.get('content-security-policy')!
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("form-action 'self' http://127.0.0.1:39999")
    expect(policy).not.toContain('unsafe')
  })

  test('signing out ends the session and returns to the client', async () => {
    const browser = createBrowser()
    const { tokens } = await signIn(browser, 'viewer')
    const url = new URL(metadata.end_session_endpoint)
    url.search = String(
      new URLSearchParams({
        id_token_hint: tokens.id_token,
        post_logout_redirect_uri: 'http://127.0.0.1:39999/',
      }),
    )
    const page = await browser.follow(url)
    const field = (name: string) =>
      new RegExp(`name="${name}" value="([^"]*)"`).exec(page.html!)![1]!
    const action = /action="([^"]*)"/.exec(page.html!)![1]!
    const { callback } = await browser.follow(new URL(action), {
      xsrf: field('xsrf'),
      logout: field('logout'),
    })
    expect(callback!.href).toBe('http://127.0.0.1:39999/')
    const next = await browser.follow(authorizationUrl(challengeOf('v'.repeat(43))))
    expect(next.html).toContain('Who do you want to be?')
  })

  test('keys differ from run to run', async () => {
    const other = await startIdentityProvider({ clients: [] })
    const keysOf = async (issuer: string) => (await getJson(`${issuer}/jwks`)).keys[0].n
    expect(await keysOf(other.issuer)).not.toBe(await keysOf(idp.issuer))
    await other.stop()
  })

  async function signIn(browser: Browser, persona: string, extra: Record<string, string> = {}) {
    const verifier = randomBytes(32).toString('base64url')
    const callback = await obtainCallback(browser, persona, verifier, extra)
    const response = await redeem({
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code')!,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    })
    expect(response.status).toBe(200)
    return { callback, tokens: (await response.json()) as Untyped }
  }

  async function obtainCode(browser: Browser, persona: string, verifier: string) {
    return (await obtainCallback(browser, persona, verifier)).searchParams.get('code')!
  }

  async function obtainCallback(
    browser: Browser,
    persona: string,
    verifier: string,
    extra: Record<string, string> = {},
  ): Promise<URL> {
    const page = await browser.follow(authorizationUrl(challengeOf(verifier), extra))
    expect(page.html).toContain('Who do you want to be?')
    const { callback } = await browser.follow(page.url, { persona })
    return callback!
  }

  function authorizationUrl(
    challenge: string | undefined,
    extra: Record<string, string> = {},
  ): URL {
    const url = new URL(metadata.authorization_endpoint)
    url.search = String(
      new URLSearchParams({
        client_id: client.clientId,
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: 'openid profile email offline_access',
        state: 'state-1',
        nonce: 'nonce-1',
        ...(challenge && { code_challenge: challenge, code_challenge_method: 'S256' }),
        ...extra,
      }),
    )
    return url
  }

  function redeem(form: Record<string, string>): Promise<Response> {
    const credentials = [client.clientId, client.clientSecret].map(encodeURIComponent).join(':')
    return fetch(metadata.token_endpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
      body: new URLSearchParams(form),
    })
  }

  async function verifyIdToken(token: string): Promise<Untyped> {
    const [header, payload, signature] = token.split('.') as [string, string, string]
    const { keys } = await getJson(metadata.jwks_uri)
    const publicKey = createPublicKey({ key: keys[0], format: 'jwk' })
    const isValid = verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      publicKey,
      Buffer.from(signature, 'base64url'),
    )
    expect(isValid).toBe(true)
    return JSON.parse(Buffer.from(payload, 'base64url').toString())
  }
})

async function getJson(url: string): Promise<Untyped> {
  return (await fetch(url)).json()
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

type Visit = { url: URL; html?: string; headers: Headers; callback?: URL }
type Browser = { follow(url: URL, form?: Record<string, string>): Promise<Visit> }

/** Cookies and redirects, up to the page that is shown or the client that is returned to. */
function createBrowser(): Browser {
  const cookies = new Map<string, string>()
  const follow: Browser['follow'] = async (url, form) => {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) as unknown as [string, string, string]
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(cookie)) cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) return { url, html: await response.text(), headers: response.headers }
    const next = new URL(location, url)
    if (next.port === '39999') return { url, headers: response.headers, callback: next }
    return follow(next)
  }
  return { follow }
}
