import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { signInTimeoutMs } from '#identity-providers'
import { databases, type TestDatabase } from '../../test/databases.ts'
import {
  graphError,
  homeTenant,
  startEntra,
  type Entra,
  type EntraPerson,
} from '../../test/entra.ts'
import { startHub, type TestHub } from '../../test/hub.ts'

const peopleCount = 500
const groupsEach = 1000
const atOnceMax = 30
/** On a machine that does nothing else it takes seconds; what hangs takes for ever. */
const limitMs = 300_000

// Every person has groups of their own, so that no page is like another's.
const groupsOf = (person: number) =>
  Array.from({ length: groupsEach }, (_, index) => ({
    id: `00000000-0000-4000-8000-${String(person * groupsEach + index).padStart(12, '0')}`,
    displayName: `Group ${index} of person ${person}`,
  }))

describe.each(databases)('500 sign-ins with Graph overage on $dialect', ({ open }) => {
  let database: TestDatabase
  let entra: Entra
  let hub: TestHub

  beforeEach(async () => {
    ;[database, entra] = await Promise.all([open(), startEntra()])
    hub = await startHub({
      db: database.db,
      env: { ENABLED_AUTH_PROVIDERS: 'entra', ...entra.environment() },
    })
  })
  afterEach(async () => {
    await hub.stop()
    await Promise.all([database.dispose(), entra.stop()])
  })

  test(
    'every one succeeds with all 1,000 groups, though Graph is busy for every tenth request',
    async () => {
      let asked = 0
      entra.answers.graph = () =>
        (asked += 1) % 10 === 0
          ? graphError(429, 'TooManyRequests', { 'retry-after': asked % 40 === 0 ? '1' : '0' })
          : null
      const waiting = Array.from({ length: peopleCount }, (_, index) => index)
      const failures: string[] = []
      let busy = 0
      const startedAt = performance.now()

      async function signInAll(people: number[]): Promise<void> {
        for (let next = people.shift(); next !== undefined; next = people.shift()) {
          const person = entra.addPerson({ groups: groupsOf(next) })
          const failure = await signIn(person)
          if (failure !== null) failures.push(failure)
        }
      }
      /** Milliseconds of a sign-in with nobody beside, which is not the first. */
      async function timeOne(): Promise<number> {
        const [first, second] = [waiting.splice(0, 1), waiting.splice(0, 1)]
        await signInAll(first)
        const from = performance.now()
        await signInAll(second)
        return performance.now() - from
      }
      const { identities } = database.db.tables
      /** Whether Graph said all in the seconds that a sign-in has for it. */
      const hasGroups = async ({ objectId }: EntraPerson) => {
        const rows = await database.db.read
          .select({ state: identities.groupsState })
          .from(identities)
          .where(eq(identities.subject, objectId))
        return rows[0]?.state === 'fresh'
      }
      /** Null, or how it failed. Where the hub (503), Entra (502) or Graph has more to do than it can, people try again. */
      async function signIn(person: EntraPerson): Promise<string | null> {
        const browser = hub.browser()
        const url = await browser.startLogin('', 'entra')
        const response = await browser.finishLogin(entra.authorize(url, person), 'entra')
        const me = await browser.get('/api/auth/me')
        const isIn = response.status === 303 && me.status === 200
        const isBusy =
          [502, 503].includes(response.status) ||
          me.status === 503 ||
          (isIn && !(await hasGroups(person)))
        if (isBusy && performance.now() - startedAt < limitMs) {
          busy += 1
          return signIn(person)
        }
        if (isIn) return null
        return `${response.status} ${await response.text()}`
      }
      // As many as the machine signs in within half of the time that each of them has.
      const fitting = Math.floor(signInTimeoutMs / 2 / (await timeOne()))
      const atOnce = Math.max(1, Math.min(atOnceMax, fitting))
      await Promise.all(Array.from({ length: atOnce }, () => signInAll(waiting)))
      const tookMs = performance.now() - startedAt

      expect(failures).toEqual([])
      expect(busy).toBeLessThan(peopleCount / 10)
      const rows = await database.db.read.select().from(identities)
      expect(rows).toHaveLength(peopleCount)
      expect(rows.filter(({ groupsState }) => groupsState !== 'fresh')).toEqual([])
      expect(rows.filter(({ groups }) => groups?.length !== groupsEach)).toEqual([])
      expect(rows.every(({ principal }) => principal.startsWith(`entra:${homeTenant}:`))).toBe(true)
      // Two pages each, and as many again as were refused.
      expect(asked).toBeGreaterThan(peopleCount * 2)
      const log = hub.lines.join('')
      expect(log).not.toMatch(/SQLITE_BUSY|database is locked|too many clients|CONNECT_TIMEOUT/)
      expect(hub.lines.filter((line) => /"level":"(?:error|fatal)"/.test(line))).toEqual([])
      expect(tookMs).toBeLessThan(limitMs)
    },
    limitMs + 10_000,
  )
})
