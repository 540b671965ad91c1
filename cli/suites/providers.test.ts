import { createCertificateAuthority, issueServerCertificate } from '@hub/demo'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exitCodes } from '../src/failure.ts'
import { startOddIssuer, type OddIssuer, type Oddity } from '../test/odd-issuer.ts'
import { addressOf, newPerson, tokenOf, visit } from '../test/person.ts'

let issuer: OddIssuer
beforeAll(async () => {
  issuer = await startOddIssuer()
})
afterAll(() => issuer.stop())
beforeEach(() => {
  issuer.become({})
  issuer.requests.length = 0
})

const html = { 'content-type': 'text/html' }
const page = '<!doctype html><title>Bad gateway</title>'

describe('providers that differ', () => {
  test.each(['PS256', 'ES256', 'ES384', 'EdDSA', 'RS512'])(
    'tokens signed by %s, with a key that does not name it',
    async (algorithm) => {
      const person = await newPerson(issuer.issuer)
      issuer.become({ algorithm })
      expect(await person.signIn()).toMatchObject({ code: 0 })
    },
  )

  test('keys that are new since the last sign-in', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ lifetimeSeconds: 40 })
    const first = await person.signIn()
    issuer.become({ algorithm: 'ES256' })
    const second = await person.getTokenAlone()
    expect(second).toMatchObject({ code: 0 })
    expect(tokenOf(second)).not.toBe(tokenOf(first))
  })

  test.each([
    ['one of several audiences, for this client', { aud: ['kube', 'api'], azp: 'kube' }, 0],
    ['an audience in a list', { aud: ['kube'] }, 0],
    ['several audiences, for another client', { aud: ['kube', 'api'], azp: 'api' }, 9],
  ])('an ID token with %s ends with %j: %i', async (_what, claims, code) => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ claims })
    expect(await person.signIn()).toMatchObject({ code })
  })

  test('a token that ends after all years of four digits, as of one in milliseconds', async () => {
    const person = await newPerson(issuer.issuer)
    for (const exp of [1_800_000_000_000, 1e14]) {
      issuer.become({ claims: { exp } })
      const ran = await person.signIn([`--oidc-extra-scope=s${exp}`])
      expect(ran).toMatchObject({ code: 0 })
      const { status } = JSON.parse(ran.stdout) as { status: { expirationTimestamp: string } }
      expect(status.expirationTimestamp).toBe('9999-12-30T23:59:30Z')
    }
    expect(await person.run(['list', '--output=json'])).toMatchObject({ code: 0 })
  })

  test.each<[string, Oddity]>([
    ['says nothing of PKCE', { metadata: { code_challenge_methods_supported: undefined } }],
    ['lists no scopes', { metadata: { scopes_supported: undefined } }],
    ['lists no offline_access', { metadata: { scopes_supported: ['openid', 'email'] } }],
    ['renews nothing', { hasNoRefreshToken: true }],
    [
      'names no ways for secrets',
      { metadata: { token_endpoint_auth_methods_supported: undefined } },
    ],
  ])('a provider that %s', async (_what, oddity) => {
    const person = await newPerson(issuer.issuer)
    issuer.become(oddity)
    expect(await person.signIn()).toMatchObject({ code: 0 })
    const [asked] = issuer.requests.filter(({ path }) => path === '/authorize')
    expect(asked!.form).toMatchObject({ code_challenge_method: 'S256', access_type: 'offline' })
  })

  test.each<[string, Record<string, unknown>]>([
    ['a refresh token that is null', { refresh_token: null }],
    ['a refresh token that is empty', { refresh_token: '' }],
    ['a scope and an end that are null', { scope: null, expires_in: null }],
    ['no type of token', { token_type: undefined }],
  ])('tokens with %s', async (_what, members) => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ members: { '/token': members } })
    expect(await person.signIn()).toMatchObject({ code: 0 })
    const program = ['--grant-type=client-credentials', '--oidc-client-secret=s']
    expect(await person.getTokenAlone(program)).toMatchObject({ code: 0 })
  })

  test('metadata that name null, and nothing', async () => {
    const person = await newPerson(issuer.issuer)
    const metadata = {
      device_authorization_endpoint: '',
      scopes_supported: null,
      id_token_signing_alg_values_supported: null,
    }
    issuer.become({ metadata })
    const running = person.start(person.getToken.filter((arg) => arg !== '--skip-open-browser'))
    await visit(await addressOf(running))
    expect(await running.ended).toMatchObject({ code: 0 })
  })

  test('a provider that wants the request beforehand, where nobody can change it', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ metadata: { require_pushed_authorization_requests: true } })
    expect(await person.signIn(['--oidc-extra-scope=email'])).toMatchObject({ code: 0 })
    const [asked] = issuer.requests.filter(({ path }) => path === '/par')
    expect(asked!.form).toMatchObject({
      client_id: 'kube',
      code_challenge_method: 'S256',
      redirect_uri: `http://localhost:${person.port}`,
      scope: 'openid email offline_access',
    })
  })

  test('an issuer with a path and a slash at its end', async () => {
    const person = await newPerson(`${issuer.issuer}/tenant/`)
    const metadata = { issuer: `${issuer.issuer}/tenant/` }
    issuer.become({ metadata, claims: { iss: metadata.issuer } })
    expect(await person.signIn()).toMatchObject({ code: 0 })
    expect(issuer.requests[0]!.path).toBe('/tenant/.well-known/openid-configuration')
  })

  test.each(['header', 'body'] as const)(
    'a secret that is taken by the %s alone, whichever the provider lists',
    async (secretBy) => {
      const person = await newPerson(issuer.issuer)
      const all = ['client_secret_basic', 'client_secret_post']
      issuer.become({ secretBy, metadata: { token_endpoint_auth_methods_supported: all } })
      const args = ['--oidc-client-secret=a b:c', '--grant-type=client-credentials']
      expect(await person.getTokenAlone(args)).toMatchObject({ code: 0 })
      expect(await person.signIn(['--oidc-client-secret=a b:c'])).toMatchObject({ code: 0 })
    },
  )
})

test('logout of a client that must have no secret, with one in the environment', async () => {
  const person = await newPerson(issuer.issuer)
  issuer.become({ secretBy: 'none' })
  const variable = { OIDC_CLIENT_SECRET: 'of-another' }
  expect(await person.signIn(['--oidc-pkce-method=S256'], variable)).toMatchObject({ code: 0 })
  expect(await person.run(['logout'], variable)).toMatchObject({ code: 0 })
  const revoked = issuer.requests.filter(({ path }) => path === '/revoke').at(-1)!
  expect(revoked.headers.authorization).toBeUndefined()
  expect(revoked.form).toMatchObject({
    client_id: 'kube',
    token: expect.stringMatching(/^refresh-/),
  })
  expect(revoked.form).not.toHaveProperty('client_secret')
})

test('logout tells the end of the session too after a renewal that brought no ID token', async () => {
  const person = await newPerson(issuer.issuer)
  issuer.become({ lifetimeSeconds: 40, hasNoIdTokenOnRefresh: true })
  await person.signIn(['--oidc-use-access-token'])
  await person.getTokenAlone(['--oidc-use-access-token'])
  expect(await person.run(['logout'])).toMatchObject({ code: 0 })
  const [ended] = issuer.requests.filter(({ path }) => path === '/end')
  expect(ended!.form['id_token_hint']).toMatch(/^ey/)
})

test('logout shows the ID token to no address of plain http', async () => {
  const authority = await createCertificateAuthority('provider')
  const own = await startOddIssuer({ tls: await issueServerCertificate(authority) })
  const person = await newPerson(own.issuer)
  const trust = `--certificate-authority-data=${Buffer.from(authority.certificate).toString('base64')}`
  const running = person.startGetToken([
    trust,
    '--grant-type=password',
    '--username=v',
    '--password=p',
  ])
  expect(await running.ended).toMatchObject({ code: 0 })
  own.become({ metadata: { end_session_endpoint: `${issuer.issuer}/end` } })
  const ran = await person.run(['logout', trust])
  expect(ran).toMatchObject({ code: exitCodes.unreachable })
  expect(ran.stderr).toContain('names no usable end_session_endpoint')
  expect(issuer.requests).toEqual([])
  await own.stop()
})

describe('without a screen, where the client may have no device code', () => {
  test.each(['unauthorized_client', 'invalid_client', 'unsupported_grant_type'])(
    '%s: the address is shown instead',
    async (error) => {
      const person = await newPerson(issuer.issuer)
      const body = JSON.stringify({ error })
      const headers = { 'content-type': 'application/json' }
      issuer.become({ answers: { '/device': { status: 400, headers, body } } })
      const args = person.getToken.filter((arg) => arg !== '--skip-open-browser')
      const running = person.start(args)
      await visit(await addressOf(running))
      expect(await running.ended).toMatchObject({ code: 0 })
      const named = await person.run([
        ...person.getToken,
        '--oidc-extra-scope=email',
        '--grant-type=device-code',
      ])
      expect(named).toMatchObject({ code: exitCodes.refused, stdout: '' })
    },
  )

  test('a device code whose address holds no code, from a provider that names no interval', async () => {
    const person = await newPerson(issuer.issuer)
    const body = JSON.stringify({
      device_code: 'device',
      user_code: 'WDJB-MJHT',
      verification_uri: `${issuer.issuer}/enter`,
      expires_in: 600,
    })
    const headers = { 'content-type': 'application/json' }
    issuer.become({ answers: { '/device': { status: 200, headers, body } } })
    const ran = await person.run([...person.getToken, '--grant-type=device-code'])
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.stderr).toContain(
      `Open ${issuer.issuer}/enter in a browser on any machine and enter`,
    )
  })
})

test.each<[string, Record<string, unknown>, string]>([
  [
    'an address by the name that Google gives it',
    {
      verification_uri: undefined,
      verification_uri_complete: undefined,
      verification_url: 'https://id.example/device',
    },
    'Open https://id.example/device in a browser',
  ],
  ['numbers that are texts', { interval: '1', expires_in: '600' }, 'WDJB-MJHT'],
  [
    'an address that is null, and an interval of nothing',
    { interval: 0, verification_uri_complete: null },
    'and enter the code WDJB-MJHT',
  ],
])('a device code with %s', async (_what, device, sentence) => {
  const person = await newPerson(issuer.issuer)
  issuer.become({ members: { '/device': device } })
  const ran = await person.run([...person.getToken, '--grant-type=device-code'])
  expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining(sentence) })
})

describe('answers that do not hold', () => {
  test.each<[string, Oddity, string]>([
    ['of another client', { claims: { aud: 'other' } }, '"aud" (audience) claim value: "other"'],
    ['without a nonce', { claims: { nonce: undefined } }, '"nonce" (nonce) claim missing'],
    ['that has ended', { claims: { exp: 1 } }, 'expiration is past current timestamp'],
    ['signed by nobody', { isForged: true }, 'JWT signature verification failed'],
    ['that is none', { members: { '/token': { id_token: 'opaque' } } }, 'Invalid JWT'],
    [
      'whose key is not published',
      {
        answers: {
          '/keys': {
            status: 200,
            headers: { 'content-type': 'application/json' },
            body: '{"keys":[]}',
          },
        },
      },
      'no applicable keys found',
    ],
  ])('a token %s: it says so, and shows no token', async (_what, oddity, sentence) => {
    const person = await newPerson(issuer.issuer)
    issuer.become(oddity)
    const ran = await person.signIn()
    expect(ran).toMatchObject({ code: exitCodes['bad-token'], stdout: '' })
    expect(ran.stderr).toContain(sentence)
    expect(ran.stderr).not.toMatch(/\[object|opaque/)
  })

  test.each([
    [
      'issuer',
      'https://other.example',
      'calls itself something else (',
      ': "https://other.example"',
    ],
    [
      'authorization_endpoint',
      undefined,
      'does not say what this sign-in needs (',
      'as.authorization_endpoint',
    ],
    ['token_endpoint', undefined, 'does not say what this sign-in needs (', 'as.token_endpoint'],
    ['jwks_uri', undefined, 'does not say what this sign-in needs (', 'as.jwks_uri'],
  ])('metadata with %s %s: it says so', async (name, value, ...sentences) => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ metadata: { [name]: value } })
    const isEarly = name === 'issuer' || name === 'authorization_endpoint'
    const ran = isEarly ? await person.startGetToken().ended : await person.signIn()
    expect(ran).toMatchObject({ code: exitCodes.unreachable, stdout: '' })
    for (const sentence of sentences) expect(ran.stderr).toContain(sentence)
  })
})

describe('answers that are none of OpenID', () => {
  const discovery = '/.well-known/openid-configuration'
  test.each([
    [discovery, { status: 404, headers: html, body: page }, /answers 404/],
    [discovery, { status: 200, headers: html, body: page }, /answers 200 with text\/html/],
    [
      discovery,
      { status: 302, headers: { location: 'https://portal.example/login?x=1' } },
      /https:\/\/portal\.example\/login/,
    ],
    [
      discovery,
      { status: 200, headers: { 'content-type': 'application/json' }, body: '{' },
      /does not answer as an OpenID provider/,
    ],
    ['/token', { status: 500, headers: html, body: page }, /answers 500/],
    ['/token', { status: 200, headers: html, body: page }, /answers 200 with text\/html/],
    ['/token', { status: 302, headers: { location: '/login' } }, /answers 302/],
    ['/keys', { status: 503, headers: html, body: page }, /answers 503/],
    ['/keys', { status: 200, headers: html, body: page }, /answers 200 with text\/html/],
  ])('%s with %j', async (path, answer, sentence) => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ answers: { [path]: answer } })
    const ran = path === discovery ? await person.getTokenAlone() : await person.signIn()
    expect(ran).toMatchObject({ code: exitCodes.unreachable, stdout: '' })
    expect(ran.stderr).toMatch(sentence)
    expect(ran.stderr).not.toContain('[object')
  })

  test('a password from a client that may have no offline_access', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ tokenErrors: { password: ['invalid_scope'] } })
    const ran = await person.getTokenAlone(['--username=vera', '--password=hers'])
    expect(ran).toMatchObject({ code: 0 })
    expect(issuer.tokenRequests().map(({ scope }) => scope)).toEqual([
      'openid offline_access',
      'openid',
    ])
  })

  test.each([
    [[], undefined],
    [['--oidc-extra-scope=api://kube/.default'], 'api://kube/.default'],
  ])('a program that may not have openid, with %j', async (args, scope) => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ tokenErrors: { client_credentials: ['invalid_scope'] } })
    const program = ['--grant-type=client-credentials', '--oidc-client-secret=s', ...args]
    expect(await person.getTokenAlone(program)).toMatchObject({ code: 0 })
    expect(issuer.tokenRequests().map((each) => each['scope'])).toEqual([
      ['openid', scope].filter(Boolean).join(' '),
      scope,
    ])
  })

  test('a secret that is wrong, told as RFC 6749 has it', async () => {
    const person = await newPerson(issuer.issuer)
    const body = JSON.stringify({ error: 'invalid_client' })
    const headers = { 'content-type': 'application/json', 'www-authenticate': 'Basic realm="x"' }
    issuer.become({ answers: { '/token': { status: 401, headers, body } } })
    const ran = await person.signIn(['--oidc-client-secret=wrong'])
    expect(ran).toMatchObject({ code: exitCodes.refused, stdout: '' })
    expect(ran.stderr).toContain('the secret is wrong')
  })
})
