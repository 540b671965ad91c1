import { and, eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { startGithub, type Github, type GithubPerson } from '../../test/github.ts'
import { hubOrigin, startHub, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { createSealedText } from '../secrets/sealed-text.ts'

const acme = { id: 9001, login: 'acme' }
const globex = { id: 9002, login: 'Globex' }
const acmeTeam = { id: 77, slug: 'platform', organization: acme }
const globexTeam = { id: 78, slug: 'ml', organization: globex }

describe.each(databases)('sign-in with GitHub on $dialect', ({ open }) => {
  let database: TestDatabase
  let github: Github
  let hub: TestHub

  beforeAll(async () => {
    ;[database, github] = await Promise.all([open(), startGithub()])
    hub = await startHub({
      db: database.db,
      env: { ENABLED_AUTH_PROVIDERS: 'github', ...github.environment() },
    })
  })
  afterAll(async () => {
    await hub.stop()
    await Promise.all([database.dispose(), github.stop()])
  })
  afterEach(() => github.beHonest())

  const signIn = async (person: GithubPerson, at = hub) => {
    const browser = at.browser()
    const url = await browser.startLogin('', 'github')
    const response = await browser.finishLogin(github.authorize(url, person), 'github')
    return { browser, response }
  }
  const identityOf = async ({ id }: Pick<GithubPerson, 'id'>) => {
    const { identities } = database.db.tables
    const rows = await database.db.read
      .select()
      .from(identities)
      .where(and(eq(identities.provider, 'github'), eq(identities.subject, String(id))))
    return rows[0]!
  }
  const expectRefused = async (response: Response, status: number, code: string) => {
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(`/login?error=${code}`)
    expect(response.headers.getSetCookie().join()).not.toContain('hub_session=')
  }

  test('H21: one odd entry hides no other organization or team', async () => {
    const person = github.createPerson({ id: 2121, login: 'odd', orgs: [acme], teams: [acmeTeam] })
    const headers = { 'x-oauth-scopes': 'read:org, read:user, user:email' }
    github.answers.api = ({ url }) =>
      url.pathname === '/user/orgs'
        ? { headers, body: [acme, { id: '7', login: 'text' }, null] }
        : url.pathname === '/user/teams'
          ? { headers, body: [acmeTeam, { id: 8, slug: 'lost', organization: null }] }
          : null
    expect((await signIn(person)).response.status).toBe(303)
    const { groups, ...rest } = await identityOf(person)
    expect(rest).toMatchObject({ groupsState: 'fresh', groupsDropped: 3 })
    expect(groups!.map(({ id }) => id)).toEqual([`org:${acme.id}`, `team:${acmeTeam.id}`])
    expect(hub.lines.join('')).toContain('entries that name no group were left out')
    // Nothing that makes sense is no answer.
    github.answers.api = ({ url }) =>
      url.pathname === '/user/orgs' ? { headers, body: [null] } : null
    expect((await signIn(person)).response.status).toBe(303)
    expect(await identityOf(person)).toMatchObject({ groupsState: 'stale' })
  })

  test('asks with PKCE and state, and knows people by their number', async () => {
    const person = github.createPerson({
      id: 583231,
      login: 'octocat',
      name: 'The Octocat',
      emails: [
        { email: 'other@example.com', primary: false, verified: true },
        { email: 'octocat@example.com', primary: true, verified: true },
      ],
      orgs: [acme],
      teams: [acmeTeam],
    })
    const browser = hub.browser()
    const url = await browser.startLogin('', 'github')
    expect(url.href).toContain(`${github.site.origin}/login/oauth/authorize?`)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: github.clientId,
      redirect_uri: `${hubOrigin}/api/auth/callback/github`,
      scope: 'read:user user:email read:org',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    })
    const response = await browser.finishLogin(github.authorize(url, person), 'github')
    expect(response.status).toBe(303)
    expect(await (await browser.get('/api/auth/me')).json()).toMatchObject({
      principal: 'github:583231',
      displayName: 'The Octocat',
      email: 'octocat@example.com',
    })
    expect(await identityOf(person)).toMatchObject({
      issuer: github.site.origin,
      groupsState: 'fresh',
      groups: [
        { id: 'org:9001', name: 'acme' },
        { id: 'team:77', name: 'acme/platform' },
      ],
    })
  })

  test('keeps the access token sealed', async () => {
    const person = github.createPerson({ id: 2, login: 'two' })
    await signIn(person)
    const { tokensSealed } = await identityOf(person)
    expect(tokensSealed).not.toContain('gho_')
    const sealed = createSealedText(['b1946ac92492d2347c6235b4d2611184f3a8c6c1'])
    expect(JSON.parse((await sealed.open(tokensSealed!))!)).toEqual({
      accessToken: expect.stringMatching(/^gho_/),
    })
    expect(hub.lines.join('')).not.toContain('gho_')
  })

  test('#10 a login that changed hands: the first keeps the account by number, the other is new', async () => {
    const first = github.createPerson({ id: 100, login: 'popular' })
    await signIn(first)
    await signIn({ ...first, login: 'renamed' })
    const newcomer = github.createPerson({ id: 101, login: 'popular' })
    const { browser } = await signIn(newcomer)
    expect(await (await browser.get('/api/auth/me')).json()).toMatchObject({
      principal: 'github:101',
      displayName: 'popular',
    })
    expect((await identityOf(newcomer)).userId).not.toBe((await identityOf(first)).userId)
    const { users } = database.db.tables
    const rows = await database.db.read
      .select()
      .from(users)
      .where(eq(users.id, (await identityOf(first)).userId))
    expect(rows[0]!.displayName).toBe('renamed')
  })

  test.each([
    ['unverified', [{ email: 'x@example.com', primary: true, verified: false }]],
    ['none that is primary', [{ email: 'x@example.com', primary: false, verified: true }]],
    ['not at all', []],
  ])('an e-mail address that is %s is none', async (_name, emails) => {
    const person = github.createPerson({ id: 200, login: 'mail', emails })
    const { browser } = await signIn(person)
    expect(await (await browser.get('/api/auth/me')).json()).toMatchObject({ email: null })
  })

  test('reads every page of organizations and teams', async () => {
    const orgs = Array.from({ length: 130 }, (_, index) => ({
      id: 10_000 + index,
      login: `org-${index}`,
    }))
    const teams = Array.from({ length: 250 }, (_, index) => ({
      id: 20_000 + index,
      slug: `team-${index}`,
      organization: orgs[index % 130]!,
    }))
    const person = github.createPerson({ id: 300, login: 'busy', orgs, teams })
    await signIn(person)
    expect((await identityOf(person)).groups).toHaveLength(380)
  })

  test('an organization and a team of the same number are two groups', async () => {
    const org = { id: 555, login: 'same' }
    const team = { id: 555, slug: 'number', organization: acme }
    const person = github.createPerson({ id: 301, login: 'same', orgs: [org], teams: [team] })
    await signIn(person)
    const ids = (await identityOf(person)).groups!.map(({ id }) => id)
    expect(ids).toEqual(['org:555', 'org:9001', 'team:555'])
  })

  test('a person who denies read:org is signed in, and an empty list is not believed', async () => {
    const person = github.createPerson({
      id: 302,
      login: 'private',
      orgs: [acme],
      teams: [acmeTeam],
    })
    await signIn(person)
    const before = await identityOf(person)
    const { response } = await signIn({ ...person, scopes: ['user:email'] })
    expect(response.status).toBe(303)
    expect(await identityOf(person)).toMatchObject({
      groups: before.groups,
      groupsState: 'stale',
    })
    const newcomer = github.createPerson({ id: 303, login: 'new', orgs: [acme], scopes: [] })
    expect((await signIn(newcomer)).response.status).toBe(303)
    expect(await identityOf(newcomer)).toMatchObject({ groups: null, groupsState: 'unknown' })
  })

  test('what single sign-on hides stays as it was, and what is shown is as it is now', async () => {
    const person = github.createPerson({
      id: 304,
      login: 'sso',
      orgs: [acme, globex],
      teams: [acmeTeam, globexTeam],
    })
    await signIn(person)
    // Left acme's team meanwhile; globex shows nothing.
    await signIn({ ...person, teams: [globexTeam], needsSingleSignOn: [globex] })
    const identity = await identityOf(person)
    expect(identity.groupsState).toBe('stale')
    expect(identity.groups).toEqual([
      { id: 'org:9001', name: 'acme' },
      { id: 'org:9002', name: 'Globex' },
      { id: 'team:78', name: 'Globex/ml' },
    ])
  })

  test.each<[string, Github['answers']['api']]>([
    [
      'a failing list',
      ({ url }) => (url.pathname === '/user/teams' ? { status: 500, body: {} } : null),
    ],
    [
      'a list that single sign-on refuses',
      ({ url }) =>
        url.pathname === '/user/teams'
          ? {
              status: 403,
              headers: { 'x-github-sso': 'required; url=https://github.com/orgs/acme/sso' },
              body: { message: 'Resource protected by organization SAML enforcement.' },
            }
          : null,
    ],
    [
      'a next page elsewhere',
      ({ url }) =>
        url.pathname === '/user/teams'
          ? {
              headers: {
                'x-oauth-scopes': 'read:org',
                link: `<${github.site.origin}/user/teams?page=2>; rel="next"`,
              },
              body: [],
            }
          : null,
    ],
  ])('#15 %s leaves the last known groups, stale', async (_name, api) => {
    const person = github.createPerson({
      id: 305,
      login: 'flaky',
      orgs: [acme],
      teams: [acmeTeam],
    })
    await signIn(person)
    const before = await identityOf(person)
    github.answers.api = api
    expect((await signIn({ ...person, orgs: [globex] })).response.status).toBe(303)
    expect(await identityOf(person)).toMatchObject({ groups: before.groups, groupsState: 'stale' })
    const strayed = github.site.requests.filter(({ url }) => url.pathname === '/user/teams')
    expect(strayed).toEqual([])
  })

  test('#3 a code that GitHub does not take, which it says with status 200, is no sign-in', async () => {
    const browser = hub.browser()
    const url = await browser.startLogin('', 'github')
    const parameters = github.authorize(url, github.createPerson({ id: 1, login: 'one' }))
    parameters.set('code', 'used-before')
    await expectRefused(await browser.finishLogin(parameters, 'github'), 401, 'login-failed')
  })

  test('a profile that cannot be read is no sign-in', async () => {
    github.answers.api = ({ url }) => (url.pathname === '/user' ? { status: 502, body: {} } : null)
    const down = await signIn(github.createPerson({ id: 1, login: 'one' }))
    await expectRefused(down.response, 502, 'provider-unavailable')
    github.answers.api = ({ url }) => (url.pathname === '/user' ? { status: 401, body: {} } : null)
    const refused = await signIn(github.createPerson({ id: 1, login: 'one' }))
    await expectRefused(refused.response, 401, 'login-failed')
  })

  test('#5 an iss of somebody else is refused before the code is redeemed', async () => {
    const browser = hub.browser()
    const url = await browser.startLogin('', 'github')
    const parameters = github.authorize(url, github.createPerson({ id: 1, login: 'one' }))
    parameters.set('iss', 'https://evil.example.com')
    const before = github.site.requests.length
    await expectRefused(await browser.finishLogin(parameters, 'github'), 400, 'login-expired')
    expect(github.site.requests).toHaveLength(before)
  })

  test('after signing out GitHub is asked which account it is to be', async () => {
    const { browser } = await signIn(github.createPerson({ id: 1, login: 'one' }))
    await browser.send('POST', '/api/auth/logout')
    const url = await browser.startLogin('', 'github')
    expect(url.searchParams.get('prompt')).toBe('select_account')
  })

  describe('GITHUB_ALLOWED_ORGS', () => {
    const startGated = (orgs: string) =>
      startHub({
        db: database.db,
        env: {
          ENABLED_AUTH_PROVIDERS: 'github',
          GITHUB_ALLOWED_ORGS: orgs,
          ...github.environment(),
        },
      })

    test.each(['9001', 'Acme', '1,acme'])('%s lets members in and nobody else', async (orgs) => {
      const gated = await startGated(orgs)
      const member = github.createPerson({ id: 400, login: 'member', orgs: [acme] })
      const other = github.createPerson({ id: 401, login: 'other', orgs: [globex] })
      expect((await signIn(member, gated)).response.status).toBe(303)
      const { response } = await signIn(other, gated)
      expect(await response.clone().text()).toContain('your account is in none of them')
      await expectRefused(response, 403, 'account-not-allowed')
      await gated.stop()
    })

    test('an organization that takes over the login later does not get in by it', async () => {
      const gated = await startGated('acme')
      const member = github.createPerson({ id: 402, login: 'member', orgs: [acme] })
      expect((await signIn(member, gated)).response.status).toBe(303)
      const impostor = github.createPerson({
        id: 403,
        login: 'impostor',
        orgs: [{ id: 6666, login: 'acme' }],
      })
      expect((await signIn(impostor, gated)).response.status).toBe(403)
      await gated.stop()
    })

    test('a membership that single sign-on hides is refused with the way there', async () => {
      const gated = await startGated('Globex')
      const person = github.createPerson({ id: 404, login: 'hidden', orgs: [globex] })
      const { response } = await signIn({ ...person, needsSingleSignOn: [globex] }, gated)
      const page = await response.clone().text()
      expect(page).toContain(`href="${github.site.origin}/orgs/globex/sso"`)
      expect(page).toContain('only after you have signed in to your organization')
      await expectRefused(response, 403, 'account-not-allowed')
      await gated.stop()
    })

    test.each([
      [() => `${github.site.origin}/orgs/acme/sso?authorization_request=AB`, true],
      [() => 'https://evil.example.com/orgs/acme/sso', false],
      [() => 'javascript:alert(1)', false],
    ])('its link is shown if it leads to GitHub (%#)', async (link, isShown) => {
      const gated = await startGated('9001')
      const url = link()
      github.answers.api = ({ url: { pathname } }) =>
        pathname === '/user/orgs'
          ? { status: 403, headers: { 'x-github-sso': `required; url=${url}` }, body: {} }
          : null
      const { response } = await signIn(github.createPerson({ id: 405, login: 'x' }), gated)
      expect((await response.clone().text()).includes(`href="${url}"`)).toBe(isShown)
      await expectRefused(response, 403, 'account-not-allowed')
      await gated.stop()
    })

    test('who denies read:org is told to allow it', async () => {
      const gated = await startGated('9001')
      const person = github.createPerson({ id: 406, login: 'shy', orgs: [acme], scopes: [] })
      const { response } = await signIn(person, gated)
      expect(await response.clone().text()).toContain('Start again and allow it to read them')
      await expectRefused(response, 403, 'account-not-allowed')
      await gated.stop()
    })
  })
})

describe('GitHub and an OpenID provider together', () => {
  let database: TestDatabase
  let github: Github
  let identityProvider: OddIdentityProvider
  let hub: TestHub

  beforeAll(async () => {
    ;[database, github, identityProvider] = await Promise.all([
      databases[0].open(),
      startGithub(),
      startOddIdentityProvider(),
    ])
    hub = await startHub({
      db: database.db,
      identityProvider,
      env: { ENABLED_AUTH_PROVIDERS: 'github,oidc', ...github.environment() },
    })
  })
  afterAll(async () => {
    await hub.stop()
    await Promise.all([database.dispose(), github.stop(), identityProvider.stop()])
  })

  test('the sign-in page offers both, in the order of the configuration', async () => {
    expect(await (await hub.browser().get('/api/auth/providers')).json()).toEqual({
      isLocal: false,
      agentIssuer: null,
      items: [
        { id: 'github', name: 'GitHub' },
        { id: 'oidc', name: 'Single sign-on' },
      ],
    })
  })

  test('#4 a sign-in that began at one provider ends at no other', async () => {
    const browser = hub.browser()
    const url = await browser.startLogin('', 'github')
    const parameters = github.authorize(url, github.createPerson({ id: 1, login: 'one' }))
    parameters.set('iss', identityProvider.issuer)
    const [before, after] = [identityProvider.tokenRequests.length, github.site.requests.length]
    const response = await browser.finishLogin(parameters, 'oidc')
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('/login?error=login-expired')
    expect(identityProvider.tokenRequests).toHaveLength(before)
    expect(github.site.requests).toHaveLength(after)
    expect((await selectAuditRows(database.db, 1))[0]).toMatchObject({ reason: 'login-expired' })
  })

  test('the same e-mail address at two providers is two people', async () => {
    await hub.browser().signIn('ada')
    const browser = hub.browser()
    const ada = github.createPerson({
      id: 7,
      login: 'ada',
      emails: [{ email: 'ada@example.com', primary: true, verified: true }],
    })
    await browser.finishLogin(
      github.authorize(await browser.startLogin('', 'github'), ada),
      'github',
    )
    const rows = await database.db.read.select().from(database.db.tables.identities)
    const same = rows.filter(({ email }) => email === 'ada@example.com')
    expect(new Set(same.map(({ userId }) => userId)).size).toBe(2)
  })
})
