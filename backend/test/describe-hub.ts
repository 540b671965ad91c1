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

/** Without `db` it is the suite's own. */
type Options = Omit<HubOptions, 'db' | 'identityProvider'> & Partial<Pick<HubOptions, 'db'>>
/** What is there before the hub, and what ends with it, the last that was deferred first. */
type Ground = Omit<HubWorld, 'hub'> & { defer(end: () => unknown): void }

/**
 * Suites of one hub with an identity provider, one suite on each database, or on the first alone where none is asked what
 * is tested; the hub starts with what `options` is, or makes where more has to be there before it.
 */
export function describeHub(
  name: string,
  options: Options | ((ground: Ground) => Promise<Options>),
  tests: (world: HubWorld) => void,
  { onEach = true }: { onEach?: boolean } = {},
): void {
  describe.each(onEach ? databases : databases.slice(0, 1))(
    `${name} on $dialect`,
    ({ dialect, open }) => {
      const world = { dialect } as { -readonly [Part in keyof HubWorld]: HubWorld[Part] }
      const endings: (() => unknown)[] = []
      beforeAll(async () => {
        ;[world.database, world.identityProvider] = await Promise.all([
          open(),
          startOddIdentityProvider(),
        ])
        const { database, identityProvider } = world
        const ground = { dialect, database, identityProvider }
        const defer: Ground['defer'] = (end) => void endings.push(end)
        const own = typeof options === 'function' ? await options({ ...ground, defer }) : options
        world.hub = await startHub({ db: database.db, identityProvider, ...own })
      })
      afterAll(async () => {
        await world.hub?.stop()
        for (const end of endings.toReversed()) await end()
        await Promise.all([world.database?.dispose(), world.identityProvider?.stop()])
      })
      tests(world)
    },
  )
}
