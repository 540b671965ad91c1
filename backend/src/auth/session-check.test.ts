import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '#config'
import type { RequestContext } from '#context'
import { createLogger } from '#log'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { startHub, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { authenticate } from './authenticate.ts'
import { createAuth } from './create-auth.ts'

describe.each(databases)('a session check on $dialect', ({ open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let hub: TestHub

  beforeAll(async () => {
    ;[database, identityProvider] = await Promise.all([open(), startOddIdentityProvider()])
    hub = await startHub({ db: database.db, identityProvider })
  })
  afterAll(async () => {
    await hub.stop()
    await Promise.all([database.dispose(), identityProvider.stop()])
  })

  test('takes at most 50 µs (p50) when nothing changed', async ({ annotate }) => {
    const cookies: string[] = []
    for (let index = 0; index < 10; index += 1) {
      const browser = hub.browser()
      await browser.signIn(`person-${index}`)
      cookies.push(browser.cookies.get('hub_session')!)
    }
    const now = () => new Date()
    const auth = createAuth({
      config: loadConfig({
        HUB_MODE: 'true',
        SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
        ENABLED_AUTH_PROVIDERS: 'oidc',
        OIDC_PROVIDER_ISSUER: identityProvider.issuer,
        OIDC_PROVIDER_CLIENT_ID: identityProvider.clientId,
      }),
      fetch,
      now,
      log: createLogger('silent'),
      restingInstances: new Set(),
    })
    const ctx = { db: database.db, now } as RequestContext
    const times: number[] = []
    for (let index = 0; index < 50_000; index += 1) {
      const startedAt = performance.now()
      const { actor } = await authenticate(ctx, auth, cookies[index % 10], 'person')
      times.push((performance.now() - startedAt) * 1000)
      if (actor.type !== 'user') throw new Error('The session was not recognized.')
    }
    const sorted = times.toSorted((a, b) => a - b)
    const [p50, p99] = [sorted[25_000]!, sorted[49_500]!]
    await annotate(`p50 ${p50.toFixed(1)} µs, p99 ${p99.toFixed(1)} µs`)
    expect(p50).toBeLessThan(50)
  })
})
