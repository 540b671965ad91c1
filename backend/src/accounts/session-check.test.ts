import { expect, test } from 'vitest'
import { loadConfig } from '#config'
import type { RequestContext } from '#context'
import type { Database } from '#db'
import { createLogger } from '#log'
import { describeHub } from '../../test/describe-hub.ts'
import { authenticate } from './authenticate.ts'
import { createAuth } from '../create-auth.ts'

/** What requests asked of the database; the change feed has connections of its own. */
let asked: string[] = []
const noteWhatIsAsked = async ({ database }: { database: { db: Database } }) => {
  const db = new Proxy(database.db, {
    get: (target, name: keyof Database) => {
      if (name === 'read' || name === 'transaction') asked.push(name)
      return target[name]
    },
  })
  return { db, env: { HUB_ADMINS: 'oidc:root' } }
}

describeHub('a session check', noteWhatIsAsked, (world) => {
  test('asks the database nothing while nothing changes, by session and by API token', async () => {
    const browser = world.hub.browser()
    await browser.signIn('root')
    const made = await browser.send('POST', '/api/auth/tokens', {
      name: 'ci',
      roleCeiling: 'deployer',
      expiresInDays: 1,
    })
    const { secret } = (await made.json()) as { secret: string }
    const program = world.hub.browser()
    const paths = ['/api/deployments', '/api/instances', '/api/instances/no-such']
    const askAll = async () => {
      for (const path of paths) {
        await browser.get(path)
        await program.request(path, { headers: { authorization: `Bearer ${secret}` } })
      }
    }
    // The first request of a minute notes that the person and the token were there.
    await askAll()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await askAll()
    asked = []
    const endsAt = performance.now() + 3_000
    let rounds = 0
    while (performance.now() < endsAt) {
      await askAll()
      rounds += 1
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(rounds).toBeGreaterThan(20)
    expect(asked).toEqual([])
    // It does see what changes.
    await world.database.db.transaction((tx) => tx.announce({ topic: 'all', subject: '' }))
    await askAll()
    expect(asked.length).toBeGreaterThan(0)
  })

  test('takes at most 50 µs (p50) when nothing changed', async ({ annotate }) => {
    const cookies: string[] = []
    for (let index = 0; index < 10; index += 1) {
      const browser = world.hub.browser()
      await browser.signIn(`person-${index}`)
      cookies.push(browser.cookies.get('hub_session')!)
    }
    const now = () => new Date()
    const auth = createAuth({
      config: loadConfig({
        HUB_MODE: 'true',
        SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
        ENABLED_AUTH_PROVIDERS: 'oidc',
        OIDC_PROVIDER_ISSUER: world.identityProvider.issuer,
        OIDC_PROVIDER_CLIENT_ID: world.identityProvider.clientId,
      }),
      fetch,
      now,
      log: createLogger('silent'),
      restingInstances: new Set(),
    })
    const ctx = { db: world.database.db, now } as RequestContext
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
