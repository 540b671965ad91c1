import { serve, type ServerType } from '@hono/node-server'
import { SignedOut } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { findFreePort } from '../../test/free-port.ts'
import { hubOrigin, startHub, type Browser, type TestHub } from '../../test/hub.ts'
import { joinKeycloak } from '../../test/join-keycloak.ts'
import type { HubRealm } from '../../test/keycloak.ts'

const home = process.env['KEYCLOAK_HOME']

describe.skipIf(!home)('signing out with a real Keycloak', () => {
  let keycloak: HubRealm
  let database: TestDatabase
  let hub: TestHub
  let server: ServerType | undefined

  beforeAll(async () => {
    const port = await findFreePort()
    ;[keycloak, database] = await Promise.all([
      joinKeycloak({ redirectUri: `${hubOrigin}/api/auth/callback/oidc` }),
      databases[0].open(),
    ])
    await setUpLogout({
      'backchannel.logout.url': `http://127.0.0.1:${port}/api/auth/backchannel-logout/oidc`,
      'backchannel.logout.session.required': 'true',
      'post.logout.redirect.uris': `${hubOrigin}/login`,
    })
    hub = await startHub({
      db: database.db,
      env: {
        OIDC_PROVIDER_ISSUER: keycloak.issuer,
        OIDC_PROVIDER_CLIENT_ID: keycloak.clientId,
        OIDC_PROVIDER_CLIENT_SECRET: keycloak.clientSecret,
      },
    })
    server = serve({ fetch: hub.app.fetch, hostname: '127.0.0.1', port })
  }, 150_000)
  afterAll(async () => {
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
    await hub?.stop()
    await database?.dispose()
  })

  /** Asks Keycloak's own API, as its administrator. */
  const administer = async (path: string, method = 'GET', body?: unknown): Promise<unknown> => {
    const { adminPassword, realmUrl, url } = keycloak
    const tokens = await fetch(`${url}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: 'admin-cli',
        username: 'admin',
        password: adminPassword,
      }),
    })
    const { access_token: token } = (await tokens.json()) as { access_token: string }
    const response = await fetch(`${realmUrl}/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`Keycloak answered ${response.status} to ${path}.`)
    const text = await response.text()
    return text === '' ? null : JSON.parse(text)
  }
  const setUpLogout = async (attributes: Record<string, string>) => {
    const path = `clients?clientId=${keycloak.clientId}`
    const [client] = (await administer(path)) as { id: string; attributes: object }[]
    await administer(`clients/${client!.id}`, 'PUT', {
      ...client,
      attributes: { ...client!.attributes, ...attributes },
    })
  }

  const signIn = async (browser: Browser, jar: Map<string, string>) => {
    const callback = await signInThere(await browser.startLogin(), keycloak, jar)
    expect((await browser.finishLogin(callback.searchParams)).status).toBe(303)
  }
  const statusOf = async (browser: Browser) => (await browser.get('/api/auth/me')).status

  test('what ends there ends here: its back-channel logout', async () => {
    const browser = hub.browser()
    await signIn(browser, new Map())
    const me = (await (await browser.get('/api/auth/me')).json()) as { principal: string }
    expect(await statusOf(browser)).toBe(200)
    await administer(`users/${me.principal.replace('oidc:', '')}/logout`, 'POST')
    await expect.poll(() => statusOf(browser), { timeout: 20_000 }).toBe(401)
    const rows = await selectAuditRows(database.db, 10)
    expect(rows.find(({ action }) => action === 'auth.backchannel-logout')).toMatchObject({
      actor: 'provider:oidc',
      outcome: 'success',
      target: { sessions: [expect.any(String)] },
    })
  })

  test('what ends here ends there: signing out leads on, and the next sign-in asks for the password', async () => {
    const [browser, jar] = [hub.browser(), new Map<string, string>()]
    await signIn(browser, jar)
    // The control: with Keycloak's own session there, no password is asked for.
    const silent = await visit(await hub.browser().startLogin(), jar)
    expect([302, 303]).toContain(silent.status)

    const response = await browser.send('POST', '/api/auth/logout')
    const { redirectTo } = SignedOut.parse(await response.json())
    const ended = await visit(new URL(redirectTo!), jar)
    expect(ended.status).toBe(302)
    expect(ended.headers.get('location')).toBe(`${hubOrigin}/login`)

    const asked = await visit(await hub.browser().startLogin(), jar)
    expect(asked.status).toBe(200)
    expect(await asked.text()).toContain('name="password"')
  })
})

/** A browser's visit to Keycloak, with the cookies that it has there. */
async function visit(url: URL | string, jar: Map<string, string>, init: RequestInit = {}) {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const response = await fetch(url, { redirect: 'manual', ...init, headers: { cookie } })
  for (const line of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (value === '' || /max-age=0/i.test(line)) jar.delete(name)
    else jar.set(name, value)
  }
  return response
}

async function signInThere(
  authorizationUrl: URL,
  { password, username }: HubRealm,
  jar: Map<string, string>,
): Promise<URL> {
  const page = await visit(authorizationUrl, jar)
  const action = /<form[^>]+action="([^"]+)"/.exec(await page.text())?.[1]?.replaceAll('&amp;', '&')
  if (!action) throw new Error('Keycloak showed no form.')
  const answer = await visit(action, jar, {
    method: 'POST',
    body: new URLSearchParams({ username, password }),
  })
  const location = answer.headers.get('location')
  if (!location) throw new Error(`Keycloak answered ${answer.status} to the password.`)
  return new URL(location)
}
