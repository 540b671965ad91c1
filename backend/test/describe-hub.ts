import { afterAll, beforeAll, describe } from 'vitest'
import { databases, type TestDatabase } from './databases.ts'
import { startHub, type HubOptions, type TestHub } from './hub.ts'
import { startOddIdentityProvider, type OddIdentityProvider } from './odd-identity-provider.ts'

/** What a suite of a whole hub stands in, from its first test to its last. */
export type HubWorld = {
  readonly dialect: (typeof databases)[number]['dialect']
  readonly hub: TestHub
  readonly database: TestDatabase
  /** Where people of the hub sign in. */
  readonly identityProvider: OddIdentityProvider
}

/** Suites of one hub with an identity provider, one suite on each database; the hub starts with what `options` gives. */
export function describeHub(
  name: string,
  options: Omit<HubOptions, 'db' | 'identityProvider'>,
  tests: (world: HubWorld) => void,
): void {
  describe.each(databases)(`${name} on $dialect`, ({ dialect, open }) => {
    const world = { dialect } as { -readonly [Part in keyof HubWorld]: HubWorld[Part] }
    beforeAll(async () => {
      ;[world.database, world.identityProvider] = await Promise.all([
        open(),
        startOddIdentityProvider(),
      ])
      const { database, identityProvider } = world
      world.hub = await startHub({ ...options, db: database.db, identityProvider })
    })
    afterAll(async () => {
      await world.hub?.stop()
      await Promise.all([world.database?.dispose(), world.identityProvider?.stop()])
    })
    tests(world)
  })
}
