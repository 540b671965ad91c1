import { startApiServer } from '@hub/demo'
import { OidcTrial, StartedTrial } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { databases } from '../../../test/databases.ts'
import { hubOrigin, startHub, type Browser } from '../../../test/hub.ts'
import { joinKeycloak } from '../../../test/join-keycloak.ts'
import { publicClientId, type HubRealm } from '../../../test/keycloak.ts'
import { signInThere, visit, type Jar } from '../../../test/visit-keycloak.ts'

const home = process.env['KEYCLOAK_HOME']

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 })

describe.skipIf(!home)("a cluster's own sign-in, tried at a real Keycloak", () => {
  const undo: (() => unknown)[] = []
  let realm: HubRealm
  let root: Browser

  beforeAll(async () => {
    realm = await joinKeycloak({ redirectUri: `${hubOrigin}/api/auth/callback/oidc` })
    const database = await databases[0].open()
    undo.push(() => database.dispose())
    const cluster = await startApiServer({ webhooks: false })
    undo.push(() => cluster.stop())
    const options = {
      db: database.db,
      credentials: { prod: cluster.kubeconfig('service-account-token') },
    }
    const environment = {
      OIDC_PROVIDER_ISSUER: realm.issuer,
      OIDC_PROVIDER_CLIENT_ID: realm.clientId,
      OIDC_PROVIDER_CLIENT_SECRET: realm.clientSecret,
    }
    const before = await startHub({ ...options, env: environment })
    const { principal } = await whoIs(await signIn(before.browser()))
    await before.stop()
    const hub = await startHub({ ...options, env: { ...environment, HUB_ADMINS: principal } })
    undo.push(() => hub.stop())
    root = await signIn(hub.browser())
  })
  afterAll(async () => {
    for (const end of undo.toReversed()) await end()
  })

  const signIn = async (browser: Browser) => {
    const callback = await signInThere(await browser.startLogin(), realm)
    expect((await browser.finishLogin(callback.searchParams)).status).toBe(303)
    return browser
  }
  const whoIs = async (browser: Browser) =>
    (await (await browser.get('/api/auth/me')).json()) as { principal: string }
  const send = async (path: string, body: object) => {
    const answer = await root.send('POST', `/api/instances/prod/oidc/trials${path}`, body)
    expect(answer.status).toBe(200)
    return answer.json()
  }
  const start = async (how: 'browser' | 'device', more: object = {}) => {
    const profile = {
      issuer: realm.issuer,
      clientId: publicClientId,
      usernameClaim: 'email',
      groupsClaim: 'groups',
      groupsPrefix: 'kc:',
      ...more,
    }
    return StartedTrial.parse(await send('', { profile, how, origin: hubOrigin }))
  }
  const finish = async (body: object) => OidcTrial.parse(await send('/finish', body))
  const failuresOf = ({ items }: OidcTrial) =>
    items.filter(({ outcome }) => outcome === 'fail').map(({ name }) => name)

  test('by a browser and a public client, says as whom the cluster would know the person', async () => {
    const { trial, url } = await start('browser')
    const callback = await signInThere(new URL(url), realm)
    expect(`${callback.origin}${callback.pathname}`).toBe(`${hubOrigin}/cluster-sign-in`)
    const found = await finish({ trial, ...read(callback) })
    expect(failuresOf(found)).toEqual([])
    expect(found).toMatchObject({
      username: 'ada@example.com',
      groups: ['kc:ml-team'],
      claims: { email_verified: true, aud: publicClientId },
    })
  })

  test('is not led back to where the client has no redirect URI', async () => {
    const { redirectUri, url } = await start('browser', { clientId: realm.clientId })
    expect(redirectUri).toBe(`${hubOrigin}/cluster-sign-in`)
    const page = await visit(url, new Map())
    expect(page.status).toBe(400)
    expect(await page.text()).toContain('redirect_uri')
  })

  test('of a scope that the client has not, says so', async () => {
    const { trial, url } = await start('browser', { extraScopes: ['no-such-scope'] })
    const { headers } = await visit(url, new Map())
    const found = await finish({ trial, ...read(new URL(headers.get('location')!)) })
    expect(failuresOf(found)).toEqual(['sign-in'])
    expect(found.items[0]!.detail).toContain('take no-such-scope out of the extra scopes')
  })

  test('by a code, waits until somebody has confirmed it there', async () => {
    const { trial, url, userCode } = await start('device')
    expect(userCode).toMatch(/^[A-Z]{4}-[A-Z]{4}$/)
    expect((await finish({ trial })).state).toBe('pending')
    await confirmThere(url)
    const found = await vi.waitFor(
      async () => {
        const now = await finish({ trial })
        expect(now.state).toBe('done')
        return now
      },
      // As often as Keycloak lets it be asked.
      { timeout: 40_000, interval: 6_000 },
    )
    expect(failuresOf(found)).toEqual([])
    expect(found).toMatchObject({ username: 'ada@example.com', groups: ['kc:ml-team'] })
  })

  /** Signs in where the code leads, and says yes. */
  async function confirmThere(address: string): Promise<void> {
    const jar: Jar = new Map()
    const first = await visit(address, jar)
    const login = first.headers.get('location')
    const form = login === null ? first : await visit(login, jar)
    const { password, username } = realm
    const signedIn = await visit(
      actionOf(await form.text()),
      jar,
      new URLSearchParams({ username, password }),
    )
    let answer = signedIn
    for (let hops = 0; answer.headers.get('location') !== null && hops < 5; hops += 1) {
      answer = await visit(new URL(answer.headers.get('location')!, realm.url), jar)
    }
    const consent = await answer.text()
    const code = /name="code" value="([^"]*)"/.exec(consent)?.[1] ?? ''
    await visit(actionOf(consent), jar, new URLSearchParams({ code, accept: 'Yes' }))
  }

  function actionOf(page: string): URL {
    const action = /<form[^>]+action="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&')
    if (!action) throw new Error('Keycloak showed no form.')
    return new URL(action, realm.url)
  }
})

/** What the page of the hub reads in its address. */
function read({ searchParams }: URL): Record<string, string> {
  const named = {
    state: 'state',
    code: 'code',
    iss: 'iss',
    error: 'error',
    error_description: 'errorDescription',
  }
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, field]) => {
      const value = searchParams.get(name)
      return value === null ? [] : [[field, value]]
    }),
  )
}
