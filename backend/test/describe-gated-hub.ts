import { afterAll, beforeAll, describe } from 'vitest'
import { openDatabase, type Database } from '#db'
import { databases, type TestDatabase } from './databases.ts'
import { startHub, type TestHub } from './hub.ts'
import { startOddIdentityProvider, type OddIdentityProvider } from './odd-identity-provider.ts'
import { startTcpGate, type TcpGate } from './tcp-gate.ts'

/** A hub whose way to PostgreSQL can be shut, and the database itself, which can always be asked. */
export type GatedWorld = {
  readonly hub: TestHub
  readonly gate: TcpGate
  /** The hub's own way to it. */
  readonly db: Database
  readonly database: TestDatabase
}

/** Suites of one hub on PostgreSQL behind a gate, which `oidc:root` administers. */
export function describeGatedHub(name: string, tests: (world: GatedWorld) => void): void {
  describe(`${name}, on postgres`, () => {
    const world = {} as { -readonly [Part in keyof GatedWorld]: GatedWorld[Part] }
    let identityProvider: OddIdentityProvider
    beforeAll(async () => {
      ;[world.database, identityProvider] = await Promise.all([
        databases[1].open(),
        startOddIdentityProvider(),
      ])
      const url = new URL(world.database.url)
      world.gate = await startTcpGate({ host: url.hostname, port: Number(url.port) })
      url.port = String(world.gate.port)
      world.db = await openDatabase({ driver: 'postgres', url: url.href })
      const env = { HUB_ADMINS: 'oidc:root' }
      world.hub = await startHub({ db: world.db, identityProvider, env })
    })
    afterAll(async () => {
      await world.hub.stop()
      await world.db.close()
      await Promise.all([world.gate.stop(), identityProvider.stop()])
      await world.database.dispose()
    })
    tests(world)
  })
}
