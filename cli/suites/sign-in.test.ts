import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createCertificateAuthority, issueAuthority, issueServerCertificate } from '@hub/demo'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startConnectProxy } from '../../backend/test/connect-proxy.ts'
import { startOddIssuer, type OddIssuer } from '../test/odd-issuer.ts'
import { addressOf, newPerson, tokenOf, visit } from '../test/person.ts'
import { startProgram } from '../test/run-program.ts'
import { exitCodes } from '../src/failure.ts'

/** util-linux's, which plays a terminal. */
const hasScript = existsSync('/usr/bin/script')

let issuer: OddIssuer
beforeAll(async () => {
  issuer = await startOddIssuer()
})
afterAll(() => issuer.stop())
beforeEach(() => {
  issuer.become({})
  issuer.requests.length = 0
})

function claimsOf(token: string): Record<string, unknown> {
  const text = Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8')
  return JSON.parse(text) as Record<string, unknown>
}

describe('get-token', () => {
  test('signs in with PKCE, state and nonce, and prints the credential alone', async () => {
    const person = await newPerson(issuer.issuer)
    const ran = await person.signIn(['--oidc-extra-scope=email,profile'])
    expect(ran).toMatchObject({ code: 0, page: expect.stringContaining('You are signed in') })
    const credential = JSON.parse(ran.stdout) as Record<string, unknown>
    expect(credential).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      kind: 'ExecCredential',
      status: {
        token: expect.any(String),
        expirationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
    })
    const { aud, exp, nonce } = claimsOf(tokenOf(ran))
    const { expirationTimestamp } = credential['status'] as { expirationTimestamp: string }
    expect(aud).toBe('kube')
    expect(Date.parse(expirationTimestamp)).toBe((Number(exp) - 30) * 1000)
    const [asked] = issuer.requests
      .filter(({ path }) => path === '/authorize')
      .map(({ form }) => form)
    expect(asked).toMatchObject({
      redirect_uri: `http://localhost:${person.port}`,
      code_challenge_method: 'S256',
      nonce,
      scope: 'openid email profile offline_access',
      access_type: 'offline',
    })
    expect(asked!['state']!.length).toBeGreaterThan(20)
    expect(issuer.tokenRequests()[0]).toMatchObject({ code_verifier: expect.any(String) })
  })

  test.each(['v1', 'v1beta1'])('answers as kubectl asks: %s', async (version) => {
    const person = await newPerson(issuer.issuer)
    const apiVersion = `client.authentication.k8s.io/${version}`
    const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } }
    const ran = await person.signIn([], { KUBERNETES_EXEC_INFO: JSON.stringify(info) })
    expect(JSON.parse(ran.stdout)).toMatchObject({ apiVersion })
  })

  test.each([
    [
      JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v2', kind: 'ExecCredential' }),
      /v2/,
    ],
    [JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'Other' }), /Other/],
    ['{"apiVersion"', /do not set it yourself/],
    ['[]', /undefined/],
  ])('refuses to answer %s', async (info, sentence) => {
    const person = await newPerson(issuer.issuer)
    const ran = await person.getTokenAlone([], { KUBERNETES_EXEC_INFO: info })
    expect(ran).toMatchObject({ code: exitCodes.usage, stdout: '' })
    expect(ran.stderr).toMatch(sentence)
  })

  test('answers a second call from the cache, without the network', async () => {
    const person = await newPerson(issuer.issuer)
    const first = await person.signIn()
    issuer.requests.length = 0
    const second = await person.getTokenAlone(['-v1'])
    expect(tokenOf(second)).toBe(tokenOf(first))
    expect(second.stderr).toContain('from the cache')
    expect(issuer.requests).toEqual([])
    const key = (await readdir(person.cache)).find((name) => /^[0-9a-f]{64}$/.test(name))!
    expect((await stat(person.cache)).mode & 0o777).toBe(0o700)
    expect((await stat(join(person.cache, key))).mode & 0o777).toBe(0o600)
  })

  test('renews a token that is about to end, and keeps the refresh token where none comes', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ lifetimeSeconds: 40 })
    const first = await person.signIn()
    issuer.become({ lifetimeSeconds: 40, hasNoRefreshToken: true })
    const second = await person.getTokenAlone()
    const third = await person.getTokenAlone()
    expect(new Set([first, second, third].map(tokenOf)).size).toBe(3)
    const renewals = issuer
      .tokenRequests()
      .filter(({ grant_type: grant }) => grant === 'refresh_token')
    expect(renewals.map(({ refresh_token: token }) => token)).toEqual([
      renewals[0]!['refresh_token'],
      renewals[0]!['refresh_token'],
    ])
  })

  test('--force-refresh renews a token that is good', async () => {
    const person = await newPerson(issuer.issuer)
    const first = await person.signIn()
    expect(tokenOf(await person.getTokenAlone(['--force-refresh']))).not.toBe(tokenOf(first))
  })

  test('gives the present token while the provider is away, as long as it is good', async () => {
    const own = await startOddIssuer()
    const person = await newPerson(own.issuer)
    own.become({ lifetimeSeconds: 45 })
    const first = await person.signIn()
    await own.stop()
    expect(tokenOf(await person.getTokenAlone())).toBe(tokenOf(first))
    const forced = await person.getTokenAlone(['--force-refresh'])
    expect(forced).toMatchObject({ code: exitCodes.unreachable, stdout: '' })
  })

  test.each([
    [429, 'too_many_requests'],
    [400, 'temporarily_unavailable'],
    [400, 'server_error'],
  ])(
    'a provider that says %i %s: the present token, and nobody signs in',
    async (status, error) => {
      const person = await newPerson(issuer.issuer)
      issuer.become({ lifetimeSeconds: 45 })
      const first = await person.signIn()
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ error })
      issuer.become({ answers: { '/token': { status, headers, body } } })
      expect(tokenOf(await person.getTokenAlone())).toBe(tokenOf(first))
      const forced = await person.getTokenAlone(['--force-refresh'])
      expect(forced).toMatchObject({ code: exitCodes.unreachable, stdout: '' })
      expect(forced.stderr).toContain(`${error}): try again later`)
    },
  )

  test('a renewal that brings the token of somebody else is not taken', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ lifetimeSeconds: 40 })
    await person.signIn()
    issuer.become({ claims: { sub: 'mallory' } })
    const ran = await person.getTokenAlone()
    expect(ran).toMatchObject({ code: exitCodes['needs-person'], stdout: '' })
    expect(ran.stderr).toContain('somebody else')
  })

  test('signs in again where the refresh token is not taken', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ lifetimeSeconds: 40 })
    await person.signIn()
    issuer.become({ tokenErrors: { refresh_token: ['invalid_grant'] } })
    expect(await person.signIn()).toMatchObject({ code: 0 })
  })

  test('says why people sign in again where no ID token comes on refresh', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ lifetimeSeconds: 40, hasNoIdTokenOnRefresh: true })
    await person.signIn()
    const ran = await person.signIn()
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.stderr).toContain('The provider does not renew ID tokens')
  })

  test('hands out the access token where that is asked for, and renews it without an ID token', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ lifetimeSeconds: 40, hasNoIdToken: true })
    const args = ['--oidc-use-access-token']
    const first = await person.signIn(args)
    expect(claimsOf(tokenOf(first))['aud']).toBe('kube-api')
    expect(tokenOf(await person.getTokenAlone(args))).not.toBe(tokenOf(first))
  })

  test('asks again without offline_access where the client may not have it', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ refusesOffline: true })
    const running = person.startGetToken()
    await visit(await addressOf(running))
    const second = await vi.waitFor(
      () => {
        const found = [...running.said().matchAll(/^http\S+\/authorize\?\S+$/gm)]
        expect(found.length).toBe(2)
        return found[1]![0]
      },
      { timeout: 20_000 },
    )
    await visit(second)
    expect(await running.ended).toMatchObject({ code: 0 })
  })

  test('a kubectl that asks again at once was refused by the cluster: it gets another token', async () => {
    const person = await newPerson(issuer.issuer)
    await person.signIn()
    // As kubectl does, one process asks twice.
    const args = person.getToken.map((arg) => `'${arg}'`).join(' ')
    const asks = `'${person.program}' ${args}; echo; '${person.program}' ${args}`
    const info = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' }
    const env = { ...person.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) }
    const child = spawn('/bin/sh', ['-c', asks], { env })
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    await new Promise((resolve) => child.once('close', resolve))
    const tokens = stdout.split('\n').filter((line) => line.startsWith('{'))
    expect(tokens.length).toBe(2)
    expect(new Set(tokens).size).toBe(2)
  })

  test('carries tokens of 200 kB', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ claimBytes: 150_000 })
    const ran = await person.signIn()
    expect(tokenOf(ran).length).toBeGreaterThan(200_000)
    expect(tokenOf(await person.getTokenAlone())).toBe(tokenOf(ran))
  })
})

describe('other ways to sign in', () => {
  test('device code: waits as long as it is told, and longer where the provider is asked too often', async () => {
    const person = await newPerson(issuer.issuer)
    const grant = 'urn:ietf:params:oauth:grant-type:device_code'
    issuer.become({ tokenErrors: { [grant]: ['authorization_pending', 'slow_down'] } })
    const ran = await person.startGetToken(['--grant-type=device-code']).ended
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.stderr).toContain(`${issuer.issuer}/enter?code=WDJB-MJHT`)
    expect(issuer.tokenRequests().length).toBe(3)
  })

  test.each<[string, string[], Record<string, string>, string]>([
    ['the one that is named', ['--browser-command=OPENER'], {}, '/enter?code=WDJB-MJHT'],
    ['that of the screen', [], { DISPLAY: ':0' }, '/enter?code=WDJB-MJHT'],
    ['none over SSH', [], { DISPLAY: ':0', SSH_TTY: '/dev/pts/0' }, ''],
    ['none where that is said', ['--skip-open-browser'], { DISPLAY: ':0' }, ''],
  ])('device code: opens a browser here too: %s', async (_, more, env, opened) => {
    const person = await newPerson(issuer.issuer)
    const opener = join(person.home, 'xdg-open')
    await writeFile(opener, `#!/bin/sh\nprintf '%s' "$1" >>'${opener}.address'\n`, { mode: 0o755 })
    await writeFile(`${opener}.address`, issuer.issuer)
    const args = person.getToken.filter((arg) => arg !== '--skip-open-browser')
    const given = more.map((arg) => arg.replace('OPENER', opener))
    const path = { PATH: `${person.home}:/usr/bin:/bin` }
    const ran = await person.run([...args, '--grant-type=device-code', ...given], {
      ...path,
      ...env,
    })
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('WDJB-MJHT') })
    const address = `${issuer.issuer}${opened && issuer.issuer}${opened}`
    await expect
      .poll(() => readFile(`${opener}.address`, 'utf8'), { timeout: 20_000 })
      .toBe(address)
  })

  test('device code: a connection that breaks costs nobody the sign-in', async () => {
    const person = await newPerson(issuer.issuer)
    const grant = 'urn:ietf:params:oauth:grant-type:device_code'
    const answers = ['(hangs up)', 'authorization_pending', '(hangs up)']
    issuer.become({ tokenErrors: { [grant]: answers } })
    const ran = await person.startGetToken(['--grant-type=device-code']).ended
    expect(ran).toMatchObject({ code: 0 })
    expect(issuer.tokenRequests().length).toBeGreaterThanOrEqual(4)
  })

  test.each([
    ['access_denied', exitCodes.refused],
    ['expired_token', exitCodes['timed-out']],
  ])('device code: %s ends it', async (error, code) => {
    const person = await newPerson(issuer.issuer)
    const grant = 'urn:ietf:params:oauth:grant-type:device_code'
    issuer.become({ tokenErrors: { [grant]: [error] } })
    const ran = await person.startGetToken(['--grant-type=device-code']).ended
    expect(ran).toMatchObject({ code, stdout: '' })
  })

  test('without a screen it is a device code, and the address alone where the provider has none', async () => {
    const person = await newPerson(issuer.issuer)
    const args = person.getToken.filter((arg) => arg !== '--skip-open-browser')
    const byCode = person.start(args)
    expect(await byCode.ended).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('WDJB-MJHT'),
    })
    issuer.become({ hasNoDeviceCode: true })
    const byAddress = person.start([...args, '--force-refresh', '--oidc-extra-scope=email'])
    await visit(await addressOf(byAddress))
    expect(await byAddress.ended).toMatchObject({ code: 0 })
  })

  test('client credentials: a program signs in as itself', async () => {
    const person = await newPerson(issuer.issuer)
    const args = ['--grant-type=client-credentials']
    const ran = await person.getTokenAlone(args, { OIDC_CLIENT_SECRET: 'its-secret' })
    expect(claimsOf(tokenOf(ran))['aud']).toBe('kube-api')
    expect(await person.getTokenAlone(args)).toMatchObject({ code: exitCodes.usage })
  })

  test('a password, where the provider still takes one; without a terminal it is not asked for', async () => {
    const person = await newPerson(issuer.issuer)
    const ran = await person.getTokenAlone(['--username=vera', '--password=hers'])
    expect(claimsOf(tokenOf(ran))['sub']).toBe('vera')
    expect(issuer.tokenRequests()[0]).toMatchObject({ grant_type: 'password', username: 'vera' })
    const asked = await person.getTokenAlone(['--username=ada'])
    expect(asked).toMatchObject({ code: exitCodes['needs-person'] })
    expect(asked.stderr).toContain('there is no terminal')
  })

  test('a code from the keyboard needs a terminal', async () => {
    const person = await newPerson(issuer.issuer)
    const ran = await person.startGetToken(['--grant-type=authcode-keyboard']).ended
    expect(ran).toMatchObject({ code: exitCodes['needs-person'] })
    expect(ran.stderr).toContain('urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob')
  })

  test('opens the address by the program that is named, and goes on to the address that is named', async () => {
    const person = await newPerson(issuer.issuer)
    const opener = join(person.home, 'opener')
    await writeFile(opener, `#!/bin/sh\nprintf '%s' "$1" >'${opener}.address'\n`, { mode: 0o755 })
    const args = person.getToken.filter((arg) => arg !== '--skip-open-browser')
    const running = person.start([
      ...args,
      `--browser-command=${opener}`,
      `--open-url-after-authentication=${issuer.issuer}/welcome`,
    ])
    const address = await vi.waitFor(
      async () => {
        const text = await readFile(`${opener}.address`, 'utf8')
        expect(text).toContain('/authorize?')
        return text
      },
      { timeout: 20_000 },
    )
    await visit(address)
    expect(await running.ended).toMatchObject({ code: 0 })
    await vi.waitFor(() => expect(issuer.requests.map(({ path }) => path)).toContain('/welcome'))
  })

  test.each([
    ['auto', {}, 'secret-of-env'],
    ['S256', {}, undefined],
    ['S256', { forced: true }, 'secret-of-env'],
    ['S256', { flag: 'secret-of-flag' }, 'secret-of-flag'],
  ] as const)('the secret with PKCE %s and %o is %s', async (pkce, given, secret) => {
    const person = await newPerson(issuer.issuer)
    const ran = await person.signIn(
      [
        `--oidc-pkce-method=${pkce}`,
        ...('forced' in given ? ['--oidc-client-secret-from-env'] : []),
        ...('flag' in given ? [`--oidc-client-secret=${given.flag}`] : []),
      ],
      { OIDC_CLIENT_SECRET: 'secret-of-env' },
    )
    expect(ran).toMatchObject({ code: 0 })
    const { headers } = issuer.requests.find(({ path }) => path === '/token')!
    const sent = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1]
    const [, used] = Buffer.from(sent ?? '', 'base64')
      .toString('utf8')
      .split(':')
    expect(used && decodeURIComponent(used)).toBe(secret)
  })

  test('headers and further parameters go along', async () => {
    const person = await newPerson(issuer.issuer)
    await person.signIn([
      '--oidc-request-header=x-tenant=a,x-region=b',
      '--oidc-auth-request-extra-params=prompt=login',
    ])
    expect(issuer.requests[0]!.headers).toMatchObject({ 'x-tenant': 'a', 'x-region': 'b' })
    const asked = issuer.requests.find(({ path }) => path === '/authorize')!
    expect(asked.form['prompt']).toBe('login')
  })
})

describe('at a terminal', () => {
  /** As in a terminal, which is what `script` makes; what it shows comes on stdout. */
  const startAtTerminal = async (args: readonly string[]) => {
    const person = await newPerson(issuer.issuer)
    const words = [person.program, ...person.getToken, ...args].map((word) => `'${word}'`)
    const running = startProgram('script', ['-qec', words.join(' '), '/dev/null'], {
      env: person.env,
      isStdinKept: true,
    })
    const shows = (text: string) =>
      vi.waitFor(() => expect(running.shown()).toContain(text), { timeout: 20_000 })
    return { running, shows }
  }

  test.skipIf(!hasScript)('a code is typed in (script)', async () => {
    const { running, shows } = await startAtTerminal(['--grant-type=authcode-keyboard'])
    await shows('Code: ')
    const address = /^https?:\S+\/authorize\?\S+/m.exec(running.shown())![0]
    const answer = await fetch(address, { redirect: 'manual' })
    const code = new URL(answer.headers.get('location')!).searchParams.get('code')
    running.type(`${code}\n`)
    expect((await running.ended).stdout).toContain('"kind":"ExecCredential"')
  })

  test.skipIf(!hasScript)('a password is asked for, and not shown (script)', async () => {
    const { running, shows } = await startAtTerminal(['--username=vera'])
    await shows('Password: ')
    running.type('hers-alone\n')
    const { stdout } = await running.ended
    expect(stdout).toContain('"kind":"ExecCredential"')
    expect(issuer.tokenRequests()[0]).toMatchObject({ password: 'hers-alone' })
  })
})

describe('what goes wrong in the browser', () => {
  test('a second tab of a sign-in that is over finds nobody', async () => {
    const person = await newPerson(issuer.issuer)
    const running = person.startGetToken()
    const address = await addressOf(running)
    await visit(address)
    expect(await running.ended).toMatchObject({ code: 0 })
    await expect(visit(address)).rejects.toThrow('fetch failed')
  })

  test('the redirect over TLS, by a certificate that is given', async () => {
    const authority = await createCertificateAuthority('this machine')
    const { certificate, privateKey } = await issueServerCertificate(authority)
    const person = await newPerson(issuer.issuer)
    const [cert, key] = [join(person.home, 'tls.crt'), join(person.home, 'tls.key')]
    await writeFile(cert, certificate)
    await writeFile(key, privateKey)
    const running = person.startGetToken([
      `--local-server-cert=${cert}`,
      `--local-server-key=${key}`,
    ])
    const answer = await fetch(await addressOf(running), { redirect: 'manual' })
    const back = answer.headers.get('location')!
    expect(back).toContain(`https://localhost:${person.port}/?`)
    const status = await new Promise<number>((resolve, reject) => {
      get(back, { ca: authority.certificate }, (response) => {
        response.resume()
        resolve(response.statusCode!)
      }).once('error', reject)
    })
    expect(status).toBe(200)
    expect(await running.ended).toMatchObject({ code: 0 })
  })

  test('both ports taken: it says so, and what to register', async () => {
    const person = await newPerson(issuer.issuer)
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const args = person.getToken.filter((arg) => !arg.startsWith('--listen-address'))
    const ran = await person.start([...args, `--listen-address=127.0.0.1:${port}`]).ended
    await new Promise((resolve) => taken.close(resolve))
    expect(ran).toMatchObject({ code: exitCodes['ports-taken'], stdout: '' })
    expect(ran.stderr).toContain('registered as redirect URI')
  })

  test.each(['127.0.0.1', '::1'])(
    'the next address is taken where %s is not free',
    async (host) => {
      const person = await newPerson(issuer.issuer)
      const taken = createServer().listen(0, host)
      await new Promise((resolve) => taken.once('listening', resolve))
      const { port } = taken.address() as { port: number }
      const args = person.getToken.filter((arg) => !arg.startsWith('--listen-address'))
      const running = person.start([
        ...args,
        `--listen-address=127.0.0.1:${port},127.0.0.1:${person.port}`,
      ])
      const address = await addressOf(running)
      expect(new URL(address).searchParams.get('redirect_uri')).toBe(
        `http://localhost:${person.port}`,
      )
      await visit(address)
      expect(await running.ended).toMatchObject({ code: 0 })
      await new Promise((resolve) => taken.close(resolve))
    },
  )

  test('a wrong state, another path, method or host is refused, and the sign-in goes on', async () => {
    const person = await newPerson(issuer.issuer)
    const running = person.startGetToken()
    const address = await addressOf(running)
    const own = `http://127.0.0.1:${person.port}`
    const wrong = await fetch(`${own}/?code=stolen&state=wrong`)
    expect([wrong.status, await wrong.text()]).toEqual([
      400,
      expect.stringContaining('not the one that kubectl waits for'),
    ])
    expect(wrong.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect((await fetch(`${own}/other`)).status).toBe(404)
    expect((await fetch(own, { method: 'POST' })).status).toBe(405)
    const elsewhere = await new Promise<number>((resolve) => {
      void import('node:http').then((http) =>
        http.get(own, { headers: { host: 'evil.example' } }, ({ statusCode }) =>
          resolve(statusCode!),
        ),
      )
    })
    expect(elsewhere).toBe(400)
    await visit(address)
    expect(await running.ended).toMatchObject({ code: 0 })
  })

  test('a browser that is closed: it ends in time, names the redirect URI, and leaves nothing locked', async () => {
    const person = await newPerson(issuer.issuer)
    const ran = await person.startGetToken(['--authentication-timeout-sec=1']).ended
    expect(ran).toMatchObject({ code: exitCodes['timed-out'], stdout: '' })
    expect(ran.stderr).toContain(`http://localhost:${person.port}`)
    expect(await person.signIn()).toMatchObject({ code: 0 })
  })

  test('a refusal at the provider is told in the browser and the terminal', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ authorizationError: 'access_denied' })
    const ran = await person.signIn()
    expect(ran).toMatchObject({ code: exitCodes.refused, stdout: '' })
    expect(ran.page).toContain('The sign-in was refused (access_denied')
  })

  test('sign-ins that nobody answers end after three, until somebody signs in at a terminal', async () => {
    const person = await newPerson(issuer.issuer)
    for (let call = 0; call < 3; call += 1) {
      const running = person.startGetToken()
      await addressOf(running)
      running.kill('SIGKILL')
      await running.ended
    }
    const ran = await person.startGetToken().ended
    expect(ran).toMatchObject({ code: exitCodes['needs-person'] })
    expect(ran.stderr).toContain('nobody signed in')
  })
})

test.skipIf(process.platform !== 'linux')(
  'behind a locked screen no browser opens for a program, and nothing counts as unanswered',
  async () => {
    const person = await newPerson(issuer.issuer)
    const write = (name: string, script: string) =>
      writeFile(join(person.home, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    const args = person.getToken.filter((arg) => arg !== '--skip-open-browser')
    const env = { PATH: `${person.home}:/usr/bin:/bin`, DISPLAY: ':0', XDG_SESSION_ID: '7' }
    await write('loginctl', 'test "$2" = 7 && echo yes')
    await write('xdg-open', `printf '%s' "$1" >'${person.home}/address'`)
    for (let call = 0; call < 4; call += 1) {
      const ran = await person.run(args, env)
      expect(ran).toMatchObject({ code: exitCodes['needs-person'] })
      expect(ran.stderr).toContain('the screen is locked')
    }
    expect(existsSync(join(person.home, 'address'))).toBe(false)
    await write('loginctl', 'echo no')
    const running = person.start(args, env)
    await visit(await addressOf(running))
    expect(await running.ended).toMatchObject({ code: 0 })
  },
)

describe('answers that do not hold', () => {
  test.each([
    ['a nonce of another sign-in', { claims: { nonce: 'other' } }],
    ['another client', { claims: { aud: 'another' } }],
    ['another issuer', { claims: { iss: 'https://other.example' } }],
    ['a key that is not published', { isForged: true }],
    ['no ID token', { hasNoIdToken: true }],
    ['a token that has ended', { lifetimeSeconds: -120 }],
  ])('%s: no credential', async (_what, oddity) => {
    const person = await newPerson(issuer.issuer)
    issuer.become(oddity)
    const ran = await person.signIn()
    expect(ran).toMatchObject({ code: exitCodes['bad-token'], stdout: '' })
    const kept = await readdir(person.cache)
    expect(kept.filter((name) => /^[0-9a-f]{64}$/.test(name))).toEqual([])
  })

  test.each([7200, -7200])(
    'a clock that is wrong by %i s is told, and does not matter',
    async (by) => {
      const person = await newPerson(issuer.issuer)
      issuer.become({ clockSeconds: by })
      const ran = await person.signIn()
      expect(ran).toMatchObject({ code: 0 })
      expect(ran.stderr).toMatch(by > 0 ? /clock is 7\d+ s behind/ : /clock is 7\d+ s ahead/)
      const { status } = JSON.parse(ran.stdout) as { status: { expirationTimestamp: string } }
      const left = Date.parse(status.expirationTimestamp) - Date.now()
      expect(left).toBeGreaterThan(3_000_000)
      expect(left).toBeLessThan(3_700_000)
      expect(tokenOf(await person.getTokenAlone())).toBe(tokenOf(ran))
    },
  )

  test('a discovery document that a cache has kept for an hour says nothing of clocks', async () => {
    const person = await newPerson(issuer.issuer)
    const date = new Date(Date.now() - 3_600_000).toUTCString()
    const headers = { '/.well-known/openid-configuration': { date, age: '3600' } }
    issuer.become({ headers, lifetimeSeconds: 600 })
    const ran = await person.signIn()
    expect(ran).toMatchObject({ code: 0, stderr: expect.not.stringContaining('clock') })
    const { status } = JSON.parse(ran.stdout) as { status: { expirationTimestamp: string } }
    expect(Date.parse(status.expirationTimestamp) - Date.now()).toBeLessThan(600_000)
  })

  test('an issuer that calls itself something else is not asked further', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ issuer: `${issuer.issuer}/` })
    const slash = await person.getTokenAlone()
    expect(slash).toMatchObject({ code: exitCodes.usage })
    expect(slash.stderr).toContain(`calls itself ${issuer.issuer}/`)
    issuer.become({ issuer: 'https://other.example' })
    expect(await person.getTokenAlone()).toMatchObject({ code: exitCodes.unreachable })
    expect(issuer.tokenRequests()).toEqual([])
  })

  test('a client without its secret is told how to give one', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ tokenErrors: { authorization_code: ['invalid_client'] } })
    const ran = await person.signIn()
    expect(ran).toMatchObject({ code: exitCodes.refused })
    expect(ran.stderr).toContain('export OIDC_CLIENT_SECRET')
  })

  test('what a provider says reaches the terminal without its escapes', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ tokenErrors: { authorization_code: ['invalid_\u001B[31mgrant'] } })
    const ran = await person.signIn()
    expect(ran.code).not.toBe(0)
    expect(ran.stderr).not.toContain('\u001B')
  })
})

describe('the way to the provider', () => {
  test('its authority by file, in place, and not at all', async () => {
    const authority = await createCertificateAuthority('provider')
    const own = await startOddIssuer({ tls: await issueServerCertificate(authority) })
    const person = await newPerson(own.issuer)
    const file = join(person.home, 'ca.crt')
    await writeFile(file, authority.certificate)
    const data = Buffer.from(authority.certificate).toString('base64')
    const asked = ['--grant-type=client-credentials', '--oidc-client-secret=s', '--force-refresh']
    const ask = (...args: string[]) => person.getTokenAlone([...asked, ...args])

    const untrusted = await ask()
    expect(untrusted).toMatchObject({ code: exitCodes.unreachable })
    expect(untrusted.stderr).toContain('--certificate-authority')
    expect(await ask(`--certificate-authority=${file}`)).toMatchObject({ code: 0 })
    expect(await ask('--certificate-authority=~/ca.crt')).toMatchObject({ code: 0 })
    expect(await ask(`--certificate-authority-data=${data}`)).toMatchObject({ code: 0 })
    const unchecked = await ask('--insecure-skip-tls-verify')
    expect(unchecked).toMatchObject({ code: 0 })
    expect(unchecked.stderr).toContain('is not checked')
    expect(await ask('--certificate-authority=/nowhere')).toMatchObject({ code: exitCodes.usage })
    expect(await ask('--certificate-authority-data=AAAA')).toMatchObject({ code: exitCodes.usage })
    await own.stop()
  })

  test('an authority that another one vouches for, in a file that begins with a byte order mark', async () => {
    const authority = await issueAuthority(await createCertificateAuthority('root'), 'issuing')
    const own = await startOddIssuer({ tls: await issueServerCertificate(authority) })
    const person = await newPerson(own.issuer)
    const file = join(person.home, 'ca.crt')
    await writeFile(file, `\uFEFF${authority.certificate}`)
    const asked = ['--grant-type=client-credentials', '--oidc-client-secret=s']
    const trust = `--certificate-authority=${file}`
    expect(await person.getTokenAlone([...asked, trust])).toMatchObject({ code: 0 })
    await own.stop()
  })

  test('by way of HTTPS_PROXY, but for those of NO_PROXY', async () => {
    const authority = await createCertificateAuthority('provider')
    const own = await startOddIssuer({ tls: await issueServerCertificate(authority) })
    const proxy = await startConnectProxy()
    const person = await newPerson(own.issuer)
    const data = Buffer.from(authority.certificate).toString('base64')
    const args = [
      '--grant-type=client-credentials',
      '--oidc-client-secret=s',
      '--force-refresh',
      `--certificate-authority-data=${data}`,
    ]
    const proxied = { HTTPS_PROXY: proxy.origin }
    expect(await person.getTokenAlone(args, proxied)).toMatchObject({ code: 0 })
    expect(proxy.asked).toContain(new URL(own.issuer).host)
    proxy.asked.length = 0
    expect(await person.getTokenAlone(args, { ...proxied, NO_PROXY: '127.0.0.1' })).toMatchObject({
      code: 0,
    })
    expect(proxy.asked).toEqual([])
    await proxy.stop()
    await own.stop()
  })

  test('-v1 says what happens, and no token, code or secret', async () => {
    const person = await newPerson(issuer.issuer)
    const ran = await person.signIn(['-v1', '--oidc-client-secret=very-secret'])
    expect(ran.stderr).toContain(`GET ${issuer.issuer}/.well-known/openid-configuration`)
    expect(ran.stderr).not.toContain(tokenOf(ran))
    expect(ran.stderr).not.toContain('very-secret')
    expect(ran.stderr).not.toContain('refresh-')
  })
})
