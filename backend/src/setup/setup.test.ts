import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Me } from '@hub/shared'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { openDatabase, type Database } from '#db'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { hubOrigin, startHub, type Browser, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { programEnvironment } from '../../test/program-environment.ts'

const program = fileURLToPath(new URL('../commands/admin-link.ts', import.meta.url))

describe.each(databases)('the first administrator on $dialect', ({ dialect, open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  const hubs: TestHub[] = []
  const others: Database[] = []

  beforeAll(async () => {
    identityProvider = await startOddIdentityProvider()
  })
  afterAll(() => identityProvider.stop())
  beforeEach(async () => {
    database = await open()
  })
  afterEach(async () => {
    await Promise.all(hubs.splice(0).map((hub) => hub.stop()))
    await Promise.all(others.splice(0).map((db) => db.close()))
    await database.dispose()
  })

  const start = async (env: Record<string, string> = {}, db = database.db) => {
    const hub = await startHub({ db, identityProvider, env })
    hubs.push(hub)
    return hub
  }
  /** Another replica's connection; replicas exist on PostgreSQL alone. */
  const openOther = async () => {
    if (dialect === 'sqlite') return database.db
    const db = await openDatabase({ driver: 'postgres', url: database.url })
    others.push(db)
    return db
  }
  const codesOf = (hub: TestHub) =>
    hub.lines.flatMap((line) => /setup code ([0-9A-Z]{5}(?:-[0-9A-Z]{5}){4})/.exec(line)?.[1] ?? [])
  const signIn = async (hub: TestHub, who: string) => {
    const browser = hub.browser()
    await browser.signIn(who)
    return browser
  }
  const setUp = (browser: Browser, code: string) =>
    browser.send('POST', '/api/auth/setup', { code })
  const meOf = async (browser: Browser) => (await (await browser.get('/api/auth/me')).json()) as Me
  const codeOf = async (response: Response) =>
    [response.status, ((await response.json()) as { code: string }).code] as const

  test('has the code of the log, which is written once and kept as a digest', async () => {
    const hub = await start()
    const [code, ...more] = codesOf(hub)
    expect(more).toEqual([])
    const stored = await database.db.read.select().from(database.db.tables.oneTimeCodes)
    expect(JSON.stringify(stored)).not.toContain(code)
    const browser = await signIn(hub, 'ada')
    expect(await meOf(browser)).toMatchObject({
      awaitsSetup: true,
      abilities: { administer: false },
    })
    const typed = ` ${code!.toLowerCase().replaceAll('-', ' ')} `
    expect((await setUp(browser, typed)).status).toBe(204)
    const me = await meOf(browser)
    expect(me).toMatchObject({
      awaitsSetup: false,
      abilities: { administer: true },
      grants: [{ role: 'admin', source: 'manual', instanceId: null, namespaces: null }],
    })
    const [grant] = await database.db.read.select().from(database.db.tables.grants)
    expect(grant).toMatchObject({ createdBy: 'setup', source: 'manual' })
    const [row] = await selectAuditRows(database.db, 1)
    expect(row).toMatchObject({ actor: 'oidc:ada', action: 'auth.setup', outcome: 'success' })
    expect(JSON.stringify(await selectAuditRows(database.db, 50))).not.toContain(code)
    expect(hub.lines.filter((line) => line.includes(code!))).toHaveLength(1)
    expect(await codeOf(await setUp(await signIn(hub, 'eve'), code!))).toEqual([409, 'conflict'])
    expect(codesOf(await start())).toEqual([])
  })

  test.each([
    ['HUB_ADMINS', { HUB_ADMINS: 'oidc:root' }],
    ['HUB_GRANTS', { HUB_GRANTS: '[{"principal":"oidc:root","role":"admin"}]' }],
  ])('is not awaited where %s names one', async (_name, env) => {
    const hub = await start(env)
    expect(codesOf(hub)).toEqual([])
    expect(await meOf(await signIn(hub, 'ada'))).toMatchObject({ awaitsSetup: false })
  })

  test('is no program: a service principal alone leaves the hub without one', async () => {
    const hub = await start({
      HUB_GRANTS: '[{"principal":"service:ci@https://id.example.com","role":"admin"}]',
    })
    expect(codesOf(hub)).toHaveLength(1)
  })

  test('#35 is one, however many set up at once with the codes of several replicas', async () => {
    const [one, two] = [await start(), await start({}, await openOther())]
    const [codeOne, codeTwo] = [codesOf(one)[0]!, codesOf(two)[0]!]
    expect(codeOne).not.toBe(codeTwo)
    const people: { browser: Browser; code: string }[] = []
    // One after another, because they sign in at one test provider.
    for (const [hub, who, code] of [
      [one, 'p1', codeTwo],
      [two, 'p2', codeOne],
      [one, 'p3', codeOne],
      [two, 'p4', codeTwo],
    ] as const) {
      people.push({ browser: await signIn(hub, who), code })
    }
    const answers = await Promise.all(people.map(({ browser, code }) => setUp(browser, code)))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      204, 409, 409, 409,
    ])
    const grants = await database.db.read.select().from(database.db.tables.grants)
    expect(grants).toHaveLength(1)
  })

  test('cannot be guessed at: five wrong codes, then waiting', async () => {
    const hub = await start()
    const [code] = codesOf(hub)
    const browser = await signIn(hub, 'ada')
    for (let tries = 0; tries < 5; tries += 1) {
      expect(await codeOf(await setUp(browser, `WRONG-${tries}`))).toEqual([403, 'setup-refused'])
    }
    const slowed = await setUp(browser, code!)
    expect(slowed.headers.get('retry-after')).toBe('10')
    expect(await codeOf(slowed)).toEqual([429, 'too-many-requests'])
    const [row] = await selectAuditRows(database.db, 1)
    expect(row).toMatchObject({ action: 'auth.setup', outcome: 'failure', reason: 'setup-refused' })
    expect((await setUp(await signIn(hub, 'eve'), 'x')).status).toBe(403)
    hub.advance(10_000)
    expect((await setUp(browser, code!)).status).toBe(204)
  })

  test('needs a signed-in browser, and a code of the last 24 hours or until the next start', async () => {
    const hub = await start()
    const [code] = codesOf(hub)
    expect((await setUp(hub.browser(), code!)).status).toBe(401)
    const env = { SESSION_IDLE_TIMEOUT: '48h', SESSION_ABSOLUTE_TIMEOUT: '48h' }
    const second = await start(env)
    await hubs.splice(hubs.indexOf(hub), 1)[0]!.stop()
    const browser = await signIn(second, 'ada')
    expect((await setUp(browser, code!)).status).toBe(403)
    second.advance(24 * 3_600_000)
    expect((await setUp(browser, codesOf(second)[0]!)).status).toBe(403)
  })

  describe('bun run admin:link', () => {
    const run = (args: string[], env: Record<string, string> = {}) =>
      new Promise<{ code: number; output: string; errors: string }>((resolve) => {
        const environment = {
          ...programEnvironment,
          HUB_MODE: 'true',
          SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
          DATABASE_URL: database.url,
          ENABLED_AUTH_PROVIDERS: 'oidc',
          OIDC_PROVIDER_ISSUER: identityProvider.issuer,
          OIDC_PROVIDER_CLIENT_ID: identityProvider.clientId,
          HUB_ADMINS: 'oidc:root,oidc:never',
          ...env,
        }
        execFile(
          process.execPath,
          [program, ...args],
          { env: environment, timeout: 120_000 },
          (error, output, errors) =>
            resolve({ code: error ? Number(error.code ?? 1) : 0, output, errors }),
        )
      })
    const admins = { HUB_ADMINS: 'oidc:root,oidc:never' }
    const linkOf = (output: string) => new URL(/^http.*$/m.exec(output)![0])
    const press = (browser: Browser, url: URL) =>
      browser.request(url.pathname + url.search, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })

    test('signs an administrator in once, by a button and never by opening it', async () => {
      const hub = await start(admins)
      await signIn(hub, 'root')
      const { code, output } = await run([])
      expect(code).toBe(0)
      const url = linkOf(output)
      expect(url.origin).toBe(hubOrigin)
      expect((await selectAuditRows(database.db, 1))[0]).toMatchObject({
        actor: 'system',
        action: 'auth.link',
        outcome: 'attempt',
        target: { principal: 'oidc:root' },
      })
      const browser = hub.browser()
      for (let opens = 0; opens < 3; opens += 1) {
        const page = await browser.get(url.pathname + url.search)
        expect(page.status).toBe(200)
        expect(page.headers.getSetCookie()).toEqual([])
        expect(page.headers.get('content-security-policy')).toContain("form-action 'self'")
        expect(await page.text()).toContain('<form method="post"')
      }
      const answer = await press(browser, url)
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/'])
      expect(await meOf(browser)).toMatchObject({
        principal: 'oidc:root',
        provider: 'oidc',
        abilities: { administer: true },
      })
      expect((await selectAuditRows(database.db, 1))[0]).toMatchObject({
        actor: 'oidc:root',
        action: 'auth.link',
        outcome: 'success',
      })
      const { sessions } = database.db.tables
      const rows = await database.db.read.select().from(sessions)
      expect(rows.filter(({ userAgent }) => userAgent?.includes('admin:link'))).toHaveLength(1)

      const again = await press(hub.browser(), url)
      expect(again.status).toBe(400)
      expect(await again.text()).toContain('/login?error=login-expired')
      expect(again.headers.getSetCookie()).toEqual([])
      const dump = JSON.stringify(
        await database.db.read.select().from(database.db.tables.oneTimeCodes),
      )
      const secret = url.searchParams.get('code')!
      expect(dump + hub.lines.join('')).not.toContain(secret)
    })

    test('is not pressed from another site, and ends after 15 minutes', async () => {
      const hub = await start(admins)
      await signIn(hub, 'root')
      const url = linkOf((await run(['oidc:root'])).output)
      const foreign = await hub.browser().request(url.pathname + url.search, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'cross-site' },
      })
      expect(foreign.status).toBe(403)
      hub.advance(15 * 60_000)
      expect((await press(hub.browser(), url)).status).toBe(400)
    })

    test('of somebody who is no administrator any more signs nobody in', async () => {
      const hub = await start(admins)
      await signIn(hub, 'root')
      const url = linkOf((await run(['oidc:root'])).output)
      const changed = await start({ HUB_ADMINS: 'oidc:other' })
      expect((await press(changed.browser(), url)).status).toBe(400)
      expect((await press(hub.browser(), url)).status).toBe(400)
    })

    test('says in a sentence for whom it makes none', async () => {
      const hub = await start(admins)
      expect((await run([])).errors).toContain('No administrator has ever signed in')
      await signIn(hub, 'root')
      await signIn(hub, 'ada')
      for (const [args, env, sentence] of [
        [['oidc:never'], {}, 'oidc:never has never signed in'],
        [['oidc:ada'], {}, 'oidc:ada is not an administrator'],
        [['oidc:root'], { ENABLED_AUTH_PROVIDERS: '' }, 'ENABLED_AUTH_PROVIDERS does not list'],
        [[], { HUB_ADMINS: 'oidc:root,oidc:ada' }, 'The administrators are oidc:ada, oidc:root'],
        [['--force'], {}, 'Usage: bun run admin:link'],
        [[], { HUB_MODE: '', ENABLED_AUTH_PROVIDERS: '' }, 'HUB_MODE is not set'],
      ] as const) {
        const { code, errors, output } = await run([...args], env)
        expect([code, output]).toEqual([1, ''])
        expect(errors).toContain(sentence)
        expect(errors).not.toMatch(/\n\s+at /)
      }
    }, 300_000)
  })
})
