import { startApiServer, type ApiServer } from '@hub/demo'
import { ClusterWhoAmI } from '@hub/shared'
import { decodeJwt, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { databases } from '../test/databases.ts'
import { hubOrigin, startHub, type Browser, type TestHub } from '../test/hub.ts'
import { joinKeycloak } from '../test/join-keycloak.ts'
import type { HubRealm } from '../test/keycloak.ts'
import { signInThere } from '../test/visit-keycloak.ts'

const home = process.env['KEYCLOAK_HOME']
/** Longer than the ten seconds before its end in which the hub renews one, and shorter than anybody would have it. */
const lifespanSeconds = 12
const at = '/api/instances/prod/whoami'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

describe.skipIf(!home)('a session whose token for a cluster ends, at a real Keycloak', () => {
  let realm: HubRealm
  let cluster: ApiServer
  let hubs: Record<'lasting' | 'plain', TestHub>
  /** The tokens of people that came to the cluster, the newest last. */
  const arrived: string[] = []
  const undo: (() => unknown)[] = []

  beforeAll(async () => {
    realm = await joinKeycloak({ redirectUri: `${hubOrigin}/api/auth/callback/oidc` })
    await realm.setTokenLifespan(lifespanSeconds)
    cluster = await startApiServer({
      webhooks: false,
      oidc: {
        issuer: realm.issuer,
        audiences: [realm.clientId],
        usernameClaim: 'preferred_username',
        usernamePrefix: 'kc:',
        keys: async () => {
          const answer = await fetch(`${realm.issuer}/protocol/openid-connect/certs`)
          return ((await answer.json()) as { keys: (JWK & { kid: string })[] }).keys
        },
      },
      onRequest: ({ headers }) => {
        const [, token] = /^Bearer (.*)$/.exec(headers.authorization ?? '') ?? []
        if (token && decodeJwt(token).iss === realm.issuer && !arrived.includes(token)) {
          arrived.push(token)
        }
      },
    })
    undo.push(() => cluster.stop())
    const start = async (scopes: string | undefined) => {
      const database = await databases[0].open()
      undo.push(() => database.dispose())
      const hub = await startHub({
        db: database.db,
        credentials: { prod: cluster.kubeconfig('service-account-token') },
        env: {
          OIDC_PROVIDER_ISSUER: realm.issuer,
          OIDC_PROVIDER_CLIENT_ID: realm.clientId,
          OIDC_PROVIDER_CLIENT_SECRET: realm.clientSecret,
          OIDC_PROVIDER_SCOPES: scopes,
          GROUP_SYNC_INTERVAL: 'off',
          HUB_ACCESS_MODES: 'prod=passthrough',
        },
      })
      undo.push(() => hub.stop())
      await database.db.transaction(async (tx) => {
        await tx.queries.insert(tx.tables.groupMappings).values({
          id: 'm',
          provider: 'oidc',
          groupId: 'ml-team',
          role: 'viewer',
          createdAt: new Date(),
          createdBy: 'test',
        })
        await tx.queries.insert(tx.tables.oidcProfiles).values({
          instanceId: 'prod',
          profile: {
            issuer: realm.issuer,
            clientId: realm.clientId,
            usernameClaim: 'preferred_username',
            usernamePrefix: 'kc:',
          },
          changedAt: new Date(),
          changedBy: 'test',
        })
      })
      return hub
    }
    hubs = { lasting: await start('offline_access'), plain: await start(undefined) }
  })
  afterAll(async () => {
    for (const end of undo.toReversed()) await end()
  })

  const signIn = async (hub: TestHub) => {
    const browser = hub.browser()
    const callback = await signInThere(await browser.startLogin(), realm)
    expect((await browser.finishLogin(callback.searchParams)).status).toBe(303)
    return browser
  }
  const ask = async (browser: Browser) => {
    const answer = await browser.get(at)
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  const expectKnown = async (browser: Browser) => {
    const { body } = await ask(browser)
    expect(body).toMatchObject({ isKnown: true, username: 'kc:ada' })
    return ClusterWhoAmI.parse(body)
  }
  const afterEnd = (token: string) =>
    vi.waitFor(() => expect(Date.now()).toBeGreaterThan(decodeJwt(token).exp! * 1000), {
      timeout: 60_000,
      interval: 250,
    })

  test.each(['lasting', 'plain'] as const)(
    'the cluster is asked with a new one, twice over, and nobody signs in again (%s)',
    async (which) => {
      const browser = await signIn(hubs[which])
      await expectKnown(browser)
      const first = arrived.at(-1)!
      await afterEnd(first)
      const { tokenEndsAt } = await expectKnown(browser)
      const second = arrived.at(-1)!
      expect(second).not.toBe(first)
      expect(decodeJwt(second)).toMatchObject({
        sub: decodeJwt(first).sub,
        aud: realm.clientId,
      })
      expect(new Date(tokenEndsAt).getTime()).toBe(decodeJwt(second).exp! * 1000)
      await afterEnd(second)
      await Promise.all(Array.from({ length: 8 }, () => expectKnown(browser)))
      const third = arrived.at(-1)!
      expect(third).not.toBe(second)
      // One for all who ask at once, and another one if they take their time.
      expect(arrived.indexOf(third) - arrived.indexOf(second)).toBeLessThan(4)
      for (const token of [first, second, third]) {
        expect(hubs[which].lines.join('\n')).not.toContain(token)
      }
    },
  )

  test('that was ended there is renewed no more, and the person is told', async () => {
    const browser = await signIn(hubs.plain)
    await expectKnown(browser)
    const last = arrived.at(-1)!
    await realm.endSessions()
    await afterEnd(last)
    const known = arrived.length
    const { body, status } = await ask(browser)
    expect([401, 403]).toContain(status)
    expect(['session-ended', 'no-cluster-token']).toContain(body['code'])
    expect(body['detail']).toMatch(/sign in/i)
    expect(arrived).toHaveLength(known)
  })

  test('of somebody who is disabled there is renewed no more, with offline_access too', async () => {
    const browser = await signIn(hubs.lasting)
    await expectKnown(browser)
    const last = arrived.at(-1)!
    await realm.setEnabled(false)
    try {
      await afterEnd(last)
      const known = arrived.length
      const { body, status } = await ask(browser)
      expect([401, 403]).toContain(status)
      expect(body['detail']).toMatch(/sign in|provider/i)
      expect(arrived).toHaveLength(known)
    } finally {
      await realm.setEnabled(true)
    }
  })
})
