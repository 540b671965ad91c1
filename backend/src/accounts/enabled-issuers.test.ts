import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { User, type EffectiveAccess, type GrantOriginList } from '@hub/shared'
import type { Environment } from '#config'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { startEntra, type Entra } from '../../test/entra.ts'
import { startGithub, type Github } from '../../test/github.ts'
import { hubOrigin, startHub, type Browser, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { deadKubeconfig } from '../../test/kubeconfigs.ts'
import { createLogger } from '#log'
import { LinkMistake, makeLink } from '../setup/make-link.ts'

const acme = { id: 9001, login: 'acme' }
const tenant = '11111111-2222-4333-8444-555555555555'

describe.each(databases)(
  'H19: after the settings of a provider changed, on $dialect',
  ({ open }) => {
    let database: TestDatabase
    let one: OddIdentityProvider
    let two: OddIdentityProvider
    let entra: Entra
    let github: Github
    const hubs: TestHub[] = []

    beforeAll(async () => {
      ;[database, one, two, entra, github] = await Promise.all([
        open(),
        startOddIdentityProvider(),
        startOddIdentityProvider(),
        startEntra(),
        startGithub(),
      ])
    })
    afterAll(async () => {
      for (const hub of hubs) await hub.stop()
      const providers = [one, two, entra, github]
      await Promise.all([database.dispose(), ...providers.map((provider) => provider.stop())])
    })

    /** The same hub, started again with other settings. */
    const restart = async (env: Environment = {}, identityProvider = one) => {
      for (const hub of hubs.splice(0)) await hub.stop()
      const hub = await startHub({
        db: database.db,
        identityProvider,
        env: {
          ENABLED_AUTH_PROVIDERS: 'oidc,entra,github',
          HUB_ALLOW_INSECURE_TLS: 'true',
          GROUP_SYNC_INTERVAL: 'off',
          HUB_ADMINS: 'oidc:root',
          ...entra.environment(tenant),
          ...github.environment(),
          ...env,
        },
        credentials: { 'prod-east': deadKubeconfig },
      })
      hubs.push(hub)
      return hub
    }
    const makeToken = async (browser: Browser, roleCeiling = 'viewer') => {
      const made = await browser.send('POST', '/api/auth/tokens', {
        name: 'ci',
        roleCeiling,
        expiresInDays: 90,
      })
      expect(made.status).toBe(201)
      return ((await made.json()) as { secret: string }).secret
    }
    const withToken = (hub: TestHub, token: string, path: string) =>
      hub.app.request(`${hubOrigin}${path}`, {
        headers: { host: new URL(hubOrigin).host, authorization: `Bearer ${token}` },
      })
    /** With the cookies that the browser had at the hub before. */
    const statusOf = async (hub: TestHub, browser: Browser, token: string, path: string) => [
      (await withToken(hub, token, path)).status,
      (await hub.browser(undefined, new Map(browser.cookies)).get('/api/auth/me')).status,
    ]
    const findPerson = async (admin: Browser, principal: string) => {
      const found = await admin.get(`/api/admin/users?q=${encodeURIComponent(principal)}`)
      const { items } = (await found.json()) as { items: unknown[] }
      return User.parse(items[0])
    }

    test('the administrator of the issuer before keeps neither session nor token nor role; all is back with it', async () => {
      const users = '/api/admin/users'
      let hub = await restart()
      const browser = hub.browser()
      expect((await browser.signIn('root')).status).toBe(303)
      const token = await makeToken(browser, 'admin')
      expect(await statusOf(hub, browser, token, users)).toEqual([200, 200])

      hub = await restart({}, two)
      expect(await statusOf(hub, browser, token, users)).toEqual([401, 401])
      // The same name at the issuer of now is somebody else, and the administrator.
      const other = hub.browser()
      expect((await other.signIn('root')).status).toBe(303)
      const { items } = (await (await other.get(`${users}?q=oidc:root`)).json()) as {
        items: unknown[]
      }
      const people = items.map((item) => User.parse(item))
      expect(people.filter(({ isAdministrator }) => isAdministrator)).toHaveLength(1)
      expect(people).toHaveLength(2)
      const former = people.find(({ isAdministrator }) => !isAdministrator)!
      expect(former.identities[0]!.fault).toContain('OIDC_PROVIDER_ISSUER says')
      const explained = (await (
        await other.get(`/api/admin/effective-access?user=${former.id}`)
      ).json()) as EffectiveAccess
      expect(explained.decisions.some(({ isAllowed }) => isAllowed)).toBe(false)
      expect(explained.decisions[0]!.reason).toContain(
        `No identity of ${former.displayName} counts`,
      )
      // The former one is no other administrator: the one of now is the last.
      const self = people.find(({ isAdministrator }) => isAdministrator)!
      await database.db.transaction(async (tx) => {
        await tx.queries.insert(tx.tables.grants).values({
          id: 'manual-admin',
          userId: former.id,
          servicePrincipalId: null,
          role: 'admin',
          instanceId: null,
          namespaces: null,
          source: 'manual',
          endsAt: null,
          createdAt: new Date(),
          createdBy: 'test',
        })
      })
      expect((await findPerson(other, former.identities[0]!.principal)).id).toBeDefined()
      const again = (await (await other.get(`${users}/${former.id}`)).json()) as User
      expect(again.isAdministrator).toBe(false)
      expect(self.id).not.toBe(former.id)

      hub = await restart()
      expect(await statusOf(hub, browser, token, users)).toEqual([200, 200])
      const back = hub.browser(undefined, new Map(browser.cookies))
      const person = (await (await back.get(`${users}/${former.id}`)).json()) as User
      expect(person.identities[0]!.fault).toBeNull()
      expect(person.isAdministrator).toBe(true)
    })

    test('who administers only by an identity that does not count is nobody: the hub can be set up', async () => {
      await restart()
      const isAwaited = async (env: Environment) => {
        const hub = await restart({ HUB_ADMINS: '', ...env }, two)
        const browser = hub.browser()
        await browser.signIn('newcomer')
        const me = (await (await browser.get('/api/auth/me')).json()) as { setup?: unknown }
        return [me, hub.lines.join('').includes('Nobody administers this hub yet')] as const
      }
      // The only grant is the one of the first issuer's administrator.
      expect((await isAwaited({}))[1]).toBe(true)
      expect((await isAwaited({ HUB_ADMINS: 'oidc:root' }))[1]).toBe(false)
      // Nobody can sign in as these.
      expect((await isAwaited({ HUB_ADMINS: `entra:${crypto.randomUUID()}:x` }))[1]).toBe(true)
      const service = JSON.stringify([
        { principal: 'service:ci@https://id.example.com', role: 'admin' },
      ])
      expect((await isAwaited({ HUB_GRANTS: service }))[1]).toBe(true)
    })

    test('admin:link is made for nobody of an issuer before', async () => {
      const hub = await restart({}, two)
      const log = createLogger('silent')
      const deps = { db: database.db, now: () => new Date(), log, requestId: 'r' }
      const link = await makeLink({ config: hub.config, ...deps }, 'oidc:root')
      const browser = hub.browser()
      const code = new URL(link.url).searchParams.get('code')!
      await browser.send('POST', `/api/auth/link?code=${code}`)
      expect((await browser.get('/api/auth/me')).status).toBe(200)
      const { identities, sessions } = database.db.tables
      const opened = (await database.db.read.select().from(sessions)).find(({ userAgent }) =>
        userAgent?.includes('admin:link'),
      )
      const rows = await database.db.read.select().from(identities)
      expect(rows.find(({ id }) => id === opened?.identityId)).toMatchObject({ issuer: two.issuer })
      const third = await restart({ OIDC_PROVIDER_ISSUER: 'https://id.example.com' })
      await expect(makeLink({ config: third.config, ...deps }, 'oidc:root')).rejects.toThrow(
        LinkMistake,
      )
    })

    test('an e-mail rule and another client count for who is in already', async () => {
      let hub = await restart()
      const browser = hub.browser()
      one.answers.claims = (claims) => ({ ...claims, sub: 'eve', email_verified: true })
      await browser.finishLogin(one.authorize(await browser.startLogin()))
      one.beHonest()
      const token = await makeToken(browser)
      const path = '/api/auth/me'
      expect(await statusOf(hub, browser, token, path)).toEqual([200, 200])
      hub = await restart({ HUB_ALLOWED_EMAIL_DOMAINS: 'new.example' })
      expect(await statusOf(hub, browser, token, path)).toEqual([401, 401])
      hub = await restart({ HUB_ALLOWED_EMAIL_DOMAINS: 'new.example,example.com' })
      expect(await statusOf(hub, browser, token, path)).toEqual([200, 200])
      hub = await restart({ OIDC_PROVIDER_CLIENT_ID: 'another' })
      expect(await statusOf(hub, browser, token, path)).toEqual([401, 401])
      const refused = await withToken(hub, token, path)
      expect(((await refused.json()) as { detail: string }).detail).toContain('does not accept')
      hub = await restart()
      expect(await statusOf(hub, browser, token, path)).toEqual([200, 200])
    })

    test('a tenant, an organization and another server count likewise', async () => {
      const person = entra.addPerson({ tenant })
      const member = github.createPerson({ id: 4711, login: 'ada', orgs: [acme] })
      let hub = await restart({ AZURE_TENANT_ID: 'organizations', AZURE_ALLOWED_TENANTS: tenant })
      const [atEntra, atGithub] = [hub.browser(), hub.browser()]
      const entraUrl = await atEntra.startLogin('', 'entra')
      expect((await atEntra.finishLogin(entra.authorize(entraUrl, person), 'entra')).status).toBe(
        303,
      )
      const githubUrl = await atGithub.startLogin('', 'github')
      const answer = await atGithub.finishLogin(github.authorize(githubUrl, member), 'github')
      expect(answer.status).toBe(303)
      const tokens = [await makeToken(atEntra), await makeToken(atGithub)] as const
      const path = '/api/auth/me'
      const status = async () => ({
        entra: await statusOf(hub, atEntra, tokens[0], path),
        github: await statusOf(hub, atGithub, tokens[1], path),
      })
      const [good, bad] = [
        [200, 200],
        [401, 401],
      ]
      expect(await status()).toEqual({ entra: good, github: good })
      hub = await restart({
        AZURE_TENANT_ID: 'organizations',
        AZURE_ALLOWED_TENANTS: crypto.randomUUID(),
        GITHUB_ALLOWED_ORGS: 'globex',
      })
      expect(await status()).toEqual({ entra: bad, github: bad })
      hub = await restart({
        ENTRA_AUTHORITY_URL: 'http://localhost:1',
        GITHUB_URL: 'http://localhost:1',
      })
      expect(await status()).toEqual({ entra: bad, github: bad })
      hub = await restart({ GITHUB_ALLOWED_ORGS: 'acme', AZURE_CLIENT_ID: 'another' })
      expect(await status()).toEqual({ entra: bad, github: good })
      hub = await restart({ AZURE_ALLOWED_TENANTS: tenant, GITHUB_ALLOWED_ORGS: '9001' })
      expect(await status()).toEqual({ entra: good, github: good })
    })

    test('who has two identities keeps what the one that counts gives, and what groups gave to the other rests', async () => {
      let hub = await restart()
      const admin = hub.browser()
      await admin.signIn('root')
      const signIn = async (idp: OddIdentityProvider, sub: string, groups: string[]) => {
        const browser = hub.browser()
        const url = await browser.startLogin()
        idp.answers.claims = (claims) => ({ ...claims, sub, name: sub, groups })
        expect((await browser.finishLogin(idp.authorize(url))).status).toBe(303)
        idp.beHonest()
        return browser
      }
      for (const [provider, groupId, role] of [
        ['oidc', 'ml', 'deployer'],
        ['github', 'org:9001', 'viewer'],
      ]) {
        const mapping = { provider, groupId, role, instanceId: 'prod-east' }
        expect((await admin.send('POST', '/api/admin/group-mappings', mapping)).status).toBe(201)
      }
      const twin = await signIn(one, 'twin', ['ml'])
      const { id: userId } = await findPerson(admin, 'oidc:twin')
      const member = github.createPerson({ id: 815, login: 'twin', orgs: [acme] })
      const atGithub = hub.browser()
      const githubUrl = await atGithub.startLogin('', 'github')
      await atGithub.finishLogin(github.authorize(githubUrl, member), 'github')
      const other = await findPerson(admin, 'github:815')
      const linked = await admin.send('POST', `/api/admin/users/${userId}/identities`, {
        identityId: other.identities[0]!.id,
      })
      expect(await linked.json()).toMatchObject({ id: userId })
      const token = await makeToken(twin, 'deployer')
      const rolesOf = async () => {
        const me = (await (await withToken(hub, token, '/api/auth/me')).json()) as {
          grants: { role: string; source: string }[]
          principal: string
        }
        return [me.principal, me.grants.map(({ role, source }) => `${source} ${role}`).toSorted()]
      }
      expect((await rolesOf())[1]).toEqual(['group deployer', 'group viewer'])
      hub = await restart({}, two)
      expect(await rolesOf()).toEqual(['github:815', ['group viewer']])
      const root = hub.browser()
      await root.signIn('root')
      const shown = (await (
        await root.get(`/api/admin/users/${userId}/roles`)
      ).json()) as GrantOriginList
      expect(shown.items.map(({ role }) => role)).toEqual(['viewer'])
      const person = (await (await root.get(`/api/admin/users/${userId}`)).json()) as User
      expect(person.identities.filter(({ fault }) => fault === null)).toHaveLength(1)
      hub = await restart()
      expect((await rolesOf())[1]).toEqual(['group deployer', 'group viewer'])
    })
  },
)
