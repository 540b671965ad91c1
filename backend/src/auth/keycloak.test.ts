import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { hubOrigin, startHub, type TestHub } from '../../test/hub.ts'
import { startKeycloak, type Keycloak } from '../../test/keycloak.ts'

const home = process.env['KEYCLOAK_HOME']

describe.skipIf(!home)('sign-in at a real Keycloak', () => {
  let keycloak: Keycloak
  let database: TestDatabase
  let hub: TestHub

  beforeAll(async () => {
    const redirectUri = `${hubOrigin}/api/auth/callback/oidc`
    ;[keycloak, database] = await Promise.all([
      startKeycloak({ home: home!, redirectUri }),
      databases[0].open(),
    ])
    hub = await startHub({
      db: database.db,
      env: {
        OIDC_PROVIDER_ISSUER: keycloak.issuer,
        OIDC_PROVIDER_CLIENT_ID: keycloak.clientId,
        OIDC_PROVIDER_CLIENT_SECRET: keycloak.clientSecret,
      },
    })
  }, 150_000)
  afterAll(async () => {
    await hub?.stop()
    await Promise.all([database?.dispose(), keycloak?.stop()])
  })

  test('a person signs in with a password there, once per callback', async () => {
    const browser = hub.browser()
    const callback = await signInThere(await browser.startLogin(), keycloak)
    const response = await browser.finishLogin(callback.searchParams)
    expect(response.status).toBe(303)
    expect(await (await browser.get('/api/auth/me')).json()).toMatchObject({
      principal: expect.stringMatching(/^oidc:[0-9a-f-]{36}$/),
      displayName: 'Ada Lovelace',
      email: 'ada@example.com',
    })
    expect((await browser.finishLogin(callback.searchParams)).status).toBe(400)
  })

  test('a code that Keycloak has seen before is refused', async () => {
    const [one, two] = [hub.browser(), hub.browser()]
    const callback = await signInThere(await one.startLogin(), keycloak)
    expect((await one.finishLogin(callback.searchParams)).status).toBe(303)
    const other = await signInThere(await two.startLogin(), keycloak)
    other.searchParams.set('code', callback.searchParams.get('code')!)
    const response = await two.finishLogin(other.searchParams)
    expect(response.status).toBe(401)
    expect(await response.text()).toContain('/login?error=login-failed')
  })
})

/** Fills in Keycloak's own form, as a browser would, and returns where it leads. */
async function signInThere(authorizationUrl: URL, keycloak: Keycloak): Promise<URL> {
  const page = await fetch(authorizationUrl, { redirect: 'manual' })
  const cookies = page.headers.getSetCookie().map((line) => line.split(';', 1)[0])
  const action = /<form[^>]+action="([^"]+)"/.exec(await page.text())?.[1]?.replaceAll('&amp;', '&')
  if (!action) throw new Error('Keycloak showed no form.')
  const answer = await fetch(action, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookies.join('; ') },
    body: new URLSearchParams({ username: keycloak.username, password: keycloak.password }),
  })
  const location = answer.headers.get('location')
  if (!location) throw new Error(`Keycloak answered ${answer.status} to the password.`)
  return new URL(location)
}
