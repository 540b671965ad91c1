import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { exitCodes } from '../src/failure.ts'
import { startOddIssuer, type OddIssuer } from '../test/odd-issuer.ts'
import { addressOf, newPerson, tokenOf, visit, type Person } from '../test/person.ts'
import { runProgram } from '../test/run-program.ts'

let issuer: OddIssuer
beforeAll(async () => {
  issuer = await startOddIssuer()
})
afterAll(() => issuer.stop())
beforeEach(() => {
  issuer.become({})
  issuer.requests.length = 0
})

const isRoot = process.getuid?.() === 0
const keysOf = ({ cache }: Person) =>
  readdirSync(cache).filter((name) => /^[0-9a-f]{64}$/.test(name))
const entryOf = (person: Person) => join(person.cache, keysOf(person)[0]!)
const service = ['--grant-type=client-credentials', '--oidc-client-secret=s']
const countOpened = () => issuer.requests.filter(({ path }) => path === '/authorize').length

describe('one sign-in at a time', () => {
  test('twenty calls with a token that has ended open one browser', async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ lifetimeSeconds: 40, hasNoRefreshToken: true })
    await person.signIn()
    issuer.become({})
    issuer.requests.length = 0
    const calls = Array.from({ length: 20 }, () => person.startGetToken())
    const first = await Promise.any(calls.map(addressOf))
    await vi.waitFor(
      () => {
        const waiting = calls.filter((call) => call.said().includes('Waiting for the sign-in'))
        expect(waiting.length).toBe(19)
      },
      { timeout: 60_000 },
    )
    await visit(first)
    const tokens = (await Promise.all(calls.map(({ ended }) => ended))).map(tokenOf)
    expect([tokens.length, new Set(tokens).size, countOpened()]).toEqual([20, 1, 1])
  })

  test('those that waited for a sign-in that failed fail with it', async () => {
    const person = await newPerson(issuer.issuer)
    const first = person.startGetToken()
    const address = await addressOf(first)
    const second = person.startGetToken()
    await vi.waitFor(() => expect(second.said()).toContain('Waiting for the sign-in'), {
      timeout: 20_000,
    })
    issuer.become({ authorizationError: 'access_denied' })
    await visit(address)
    expect(await first.ended).toMatchObject({ code: exitCodes.refused })
    expect(await second.ended).toMatchObject({
      code: exitCodes['needs-person'],
      stderr: expect.stringContaining('access_denied'),
    })
    expect(countOpened()).toBe(1)
  })

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'a holder that ends by %s holds up nobody',
    async (signal) => {
      const person = await newPerson(issuer.issuer)
      const holder = person.startGetToken()
      await addressOf(holder)
      const waiting = person.startGetToken()
      await vi.waitFor(() => expect(waiting.said()).toContain('Waiting for the sign-in'), {
        timeout: 20_000,
      })
      holder.kill(signal)
      await visit(await addressOf(waiting))
      expect(await waiting.ended).toMatchObject({ code: 0 })
    },
  )

  test.each(['clean', 'logout'])(
    '%s while somebody signs in opens no second browser',
    async (command) => {
      const person = await newPerson(issuer.issuer)
      issuer.become({ lifetimeSeconds: 40, hasNoRefreshToken: true })
      await person.signIn()
      issuer.become({})
      issuer.requests.length = 0
      const first = person.startGetToken()
      const address = await addressOf(first)
      const cleaned = await person.run([command])
      expect(cleaned).toMatchObject({ code: 0 })
      expect(cleaned.stderr).toContain('Another kubectl is signing in at the moment')
      expect(keysOf(person)).toEqual([])
      const second = person.startGetToken()
      await vi.waitFor(() => expect(second.said()).toContain('Waiting for the sign-in'), {
        timeout: 20_000,
      })
      await visit(address)
      const tokens = (await Promise.all([first.ended, second.ended])).map(tokenOf)
      expect([new Set(tokens).size, countOpened()]).toEqual([1, 1])
    },
  )

  test('clean between the end of a sign-in and those that wait for it: one of them signs in', async () => {
    const person = await newPerson(issuer.issuer)
    const first = person.startGetToken()
    await addressOf(first)
    const waiting = Array.from({ length: 5 }, () => person.startGetToken())
    await vi.waitFor(
      () => {
        const saying = waiting.filter((call) => call.said().includes('Waiting for the sign-in'))
        expect(saying.length).toBe(5)
      },
      { timeout: 20_000 },
    )
    const cleaning = person.run(['clean'])
    first.kill('SIGKILL')
    expect(await cleaning).toMatchObject({ code: 0 })
    const address = await Promise.any(waiting.map(addressOf))
    issuer.requests.length = 0
    await visit(address)
    const tokens = (await Promise.all(waiting.map(({ ended }) => ended))).map(tokenOf)
    expect([new Set(tokens).size, countOpened()]).toEqual([1, 1])
    expect(waiting.filter((call) => call.said().includes('/authorize?')).length).toBe(1)
  })

  /** A call that renews, held up at the provider until `release`. */
  const startRenewal = async () => {
    const person = await newPerson(issuer.issuer)
    issuer.become({ lifetimeSeconds: 40 })
    await person.signIn()
    issuer.requests.length = 0
    const gate = Promise.withResolvers<void>()
    issuer.become({ tokenGate: gate.promise })
    const renewing = person.startGetToken([], { KUBECONFIG_NONINTERACTIVE: '1' })
    await vi.waitFor(() => expect(issuer.tokenRequests().length).toBe(1), { timeout: 20_000 })
    return { person, renewing, release: gate.resolve }
  }

  test('logout waits for a renewal, and revokes what it brought', async () => {
    const { person, release, renewing } = await startRenewal()
    const used = issuer.tokenRequests()[0]!['refresh_token']
    const leaving = person.start(['logout'])
    await vi.waitFor(() => expect(leaving.said()).toContain('Waiting for the sign-in'), {
      timeout: 20_000,
    })
    release()
    expect([(await renewing.ended).code, (await leaving.ended).code]).toEqual([0, 0])
    const revoked = issuer.requests.find(({ path }) => path === '/revoke')!.form['token']
    expect(revoked).toMatch(/^refresh-/)
    expect(revoked).not.toBe(used)
    expect(keysOf(person)).toEqual([])
  })

  test('a renewal that outlasts clean does not bring back what was deleted', async () => {
    const { person, release, renewing } = await startRenewal()
    expect(await person.run(['clean'])).toMatchObject({ code: 0 })
    release()
    expect(await renewing.ended).toMatchObject({ code: 0 })
    expect(keysOf(person)).toEqual([])
  })

  test('two kubeconfigs with one issuer and other scopes are two sign-ins', async () => {
    const person = await newPerson(issuer.issuer)
    await person.signIn()
    await person.signIn(['--oidc-extra-scope=email'])
    expect(keysOf(person).length).toBe(2)
    expect(await person.getTokenAlone()).toMatchObject({ code: 0 })
  })
})

/** Says of every lock that there are none, as the network's file systems do without their lock service. */
const noLocks = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#define DEFINE(name) \\
  int name(int file, int command, ...) { \\
    va_list rest; va_start(rest, command); void *value = va_arg(rest, void *); va_end(rest); \\
    if (command == F_SETLK || command == F_SETLKW) { errno = ENOLCK; return -1; } \\
    return ((int (*)(int, int, ...))dlsym(RTLD_NEXT, #name))(file, command, value); \\
  }
DEFINE(fcntl)
DEFINE(fcntl64)
`

test.skipIf(!existsSync('/usr/bin/cc'))(
  'a file system without locks: it says so, and signs in (cc)',
  async () => {
    const person = await newPerson(issuer.issuer)
    const [source, library] = ['locks.c', 'locks.so'].map((name) => join(person.home, name))
    await writeFile(source!, noLocks)
    const compile = ['-shared', '-fPIC', '-o', library!, source!, '-ldl']
    expect(await runProgram('/usr/bin/cc', compile, { env: person.env })).toMatchObject({ code: 0 })
    const ran = await person.signIn([], { LD_PRELOAD: library! })
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('has no locks') })
    expect(readdirSync(person.cache).filter((name) => name.endsWith('.partial'))).toEqual([])
  },
)

describe('what is kept on the disk', () => {
  test.each([
    ['nothing', ''],
    ['half of it', '{"issuer":"https://id.exam'],
    ['no text', '\u0000\u0001\u0002'],
    ["another program's", '{"id_token":"a.b.c","refresh_token":"r"}'],
    [
      'a number without end',
      '{"issuer":"a","clientId":"b","token":"t","expiresAt":1e999,"idToken":null,"refreshToken":null}',
    ],
    ['a list', '[]'],
  ])('a file that holds %s is replaced by a sign-in', async (_what, text) => {
    const person = await newPerson(issuer.issuer)
    await person.signIn()
    await writeFile(entryOf(person), text)
    expect(await person.getTokenAlone()).toMatchObject({ code: exitCodes['needs-person'] })
    const again = await person.signIn()
    expect(tokenOf(await person.getTokenAlone())).toBe(tokenOf(again))
  })

  test('a file that others may read is refused, and says what to do', async () => {
    const person = await newPerson(issuer.issuer)
    await person.signIn()
    chmodSync(entryOf(person), 0o644)
    const ran = await person.getTokenAlone()
    expect(ran).toMatchObject({ code: exitCodes.cache, stdout: '' })
    expect(ran.stderr).toContain(`chmod 600 '${entryOf(person)}'`)
  })

  test.skipIf(!isRoot)('a file or folder of another user is refused (root)', async () => {
    const person = await newPerson(issuer.issuer)
    await person.signIn()
    chownSync(entryOf(person), 12_345, 12_345)
    const file = await person.getTokenAlone()
    expect(file).toMatchObject({ code: exitCodes.cache, stdout: '' })
    expect(file.stderr).toContain('belongs to another user (id 12345)')
    chownSync(person.cache, 12_345, 12_345)
    expect(await person.getTokenAlone()).toMatchObject({ code: exitCodes.cache, stdout: '' })
  })

  test('a folder that others may write into is refused, and a file that is a link', async () => {
    const person = await newPerson(issuer.issuer)
    await person.signIn()
    const target = entryOf(person)
    chmodSync(person.cache, 0o777)
    const folder = await person.getTokenAlone()
    expect(folder).toMatchObject({ code: exitCodes.cache })
    expect(folder.stderr).toContain(`chmod 700 '${person.cache}'`)
    chmodSync(person.cache, 0o700)
    const elsewhere = join(person.home, 'elsewhere')
    writeFileSync(elsewhere, await readFile(target), { mode: 0o600 })
    await person.run(['clean'])
    await mkdir(person.cache, { recursive: true, mode: 0o700 })
    symlinkSync(elsewhere, target)
    expect(await person.getTokenAlone()).toMatchObject({ code: exitCodes.cache })
  })

  test('a disk that takes no more: the token is given, and that it is not kept is said', async () => {
    const person = await newPerson(issuer.issuer)
    const words = [person.program, ...person.getToken, ...service].map((word) => `'${word}'`)
    // No file may grow: what a full disk says comes as what a limit says.
    const limited = `trap '' XFSZ; ulimit -f 0; exec ${words.join(' ')}`
    const ran = await runProgram('/bin/sh', ['-c', limited], { env: person.env })
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('without being kept') })
    expect(tokenOf(ran)).not.toBe('')
    expect(keysOf(person)).toEqual([])
    expect(readdirSync(person.cache).filter((name) => name.endsWith('.partial'))).toEqual([])
  })

  test.skipIf(!isRoot || !existsSync('/usr/bin/setpriv'))(
    'a user without a home, or with one that they may not enter (root, setpriv)',
    async () => {
      const person = await newPerson(issuer.issuer)
      const folder = await mkdtemp(join(tmpdir(), 'hub-cli-anybody-'))
      try {
        const program = join(folder, 'kubelogin')
        await copyFile(person.program, program)
        for (const path of [folder, program]) chmodSync(path, 0o755)
        const nobody = ['--reuid=54321', '--regid=54321', '--clear-groups', program]
        const args = [...nobody, ...person.getToken, ...service]
        const { PATH } = person.env
        const homeless = await runProgram('/usr/bin/setpriv', args, { env: { PATH: PATH! } })
        expect(homeless).toMatchObject({
          code: exitCodes.cache,
          stderr: expect.stringContaining('set HOME, or name a folder with --token-cache-dir'),
        })
        const locked = await runProgram('/usr/bin/setpriv', args, { env: person.env })
        expect(locked).toMatchObject({
          code: 0,
          stderr: expect.stringContaining('without being kept'),
        })
      } finally {
        await rm(folder, { recursive: true })
      }
    },
  )

  test('storage none keeps nothing', async () => {
    const person = await newPerson(issuer.issuer)
    await person.signIn(['--token-cache-storage=none'])
    expect(keysOf(person)).toEqual([])
  })

  test('--token-cache-dir and KUBECACHEDIR move it', async () => {
    const person = await newPerson(issuer.issuer)
    const folder = join(person.home, 'own', 'cache')
    await person.signIn([`--token-cache-dir=${folder}`])
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(await person.getTokenAlone([`--token-cache-dir=${folder}`])).toMatchObject({ code: 0 })
    await person.signIn([], { KUBECACHEDIR: join(person.home, 'kube') })
    expect(readdirSync(join(person.home, 'kube', 'oidc-login')).length).toBeGreaterThan(0)
    expect(() => readdirSync(person.cache)).toThrow('ENOENT')
  })
})

describe('without a secret service', () => {
  test('keyring is an error that says what to use; auto says so and uses the disk', async () => {
    const person = await newPerson(issuer.issuer)
    const keyring = await person.signIn(['--token-cache-storage=keyring'])
    expect(keyring).toMatchObject({ code: 0 })
    expect(keyring.stderr).toContain('The system keyring cannot be used')
    expect(keysOf(person)).toEqual([])
    const auto = await person.signIn(['--token-cache-storage=auto'])
    expect(auto).toMatchObject({ code: 0 })
    expect(auto.stderr).toContain('kept on disk instead')
    expect(await person.getTokenAlone(['--token-cache-storage=auto'])).toMatchObject({ code: 0 })
  })
})

describe('list, logout, clean', () => {
  test('list shows sign-ins without their tokens', async () => {
    const person = await newPerson(issuer.issuer)
    expect((await person.run(['list'])).stdout).toContain('No sign-in is kept')
    const token = tokenOf(await person.signIn())
    const table = await person.run(['list'])
    expect(table.stdout).toMatch(new RegExp(`${issuer.issuer} +kube +in \\d+ min +disk`))
    const json = await person.run(['list', '--output=json'])
    expect(JSON.parse(json.stdout)).toEqual([
      {
        id: keysOf(person)[0],
        issuer: issuer.issuer,
        clientId: 'kube',
        expires: expect.any(String),
        storage: 'disk',
      },
    ])
    expect(table.stdout + json.stdout).not.toContain(token)
  })

  test('clean deletes one issuer, one client, or all, and nothing else', async () => {
    const person = await newPerson(issuer.issuer)
    await person.signIn()
    await person.signIn(['--oidc-client-id=other'])
    await writeFile(join(person.cache, 'notes.txt'), 'mine')
    await person.run(['clean', '--oidc-issuer-url=https://other.example'])
    expect(keysOf(person).length).toBe(2)
    await person.run(['clean', '--oidc-client-id=other'])
    expect(keysOf(person).length).toBe(1)
    expect(await person.getTokenAlone()).toMatchObject({ code: 0 })
    expect(await person.run(['clean'])).toMatchObject({ code: 0, stdout: '' })
    expect(readdirSync(person.cache)).toEqual(['notes.txt'])
    expect(await person.run(['clean', `--token-cache-dir=${person.home}/none`])).toMatchObject({
      code: 0,
    })
  })

  test('logout revokes the refresh token and ends the session', async () => {
    const person = await newPerson(issuer.issuer)
    const token = tokenOf(await person.signIn())
    issuer.requests.length = 0
    expect(await person.run(['logout'])).toMatchObject({ code: 0, stdout: '' })
    const asked = Object.fromEntries(issuer.requests.map(({ form, path }) => [path, form]))
    expect(asked['/revoke']).toMatchObject({ token: expect.stringMatching(/^refresh-/) })
    expect(asked['/end']).toMatchObject({ id_token_hint: token, client_id: 'kube' })
    expect(await person.getTokenAlone()).toMatchObject({ code: exitCodes['needs-person'] })
  })

  test('logout deletes what is kept where the provider is away, and says that it was not told', async () => {
    const own = await startOddIssuer()
    const person = await newPerson(own.issuer)
    await person.signIn()
    await own.stop()
    const ran = await person.run(['logout'])
    expect(ran).toMatchObject({ code: exitCodes.unreachable })
    expect(ran.stderr).toContain('Deleted here anyway')
    expect(keysOf(person)).toEqual([])
  })
})

describe('setup', () => {
  test('shows the claims and prints commands that hold no secret, each word quoted', async () => {
    const person = await newPerson(issuer.issuer)
    const running = person.start([
      'setup',
      ...person.getToken.slice(1),
      '--oidc-extra-scope=email',
      '--oidc-pkce-method=S256',
      '--oidc-client-secret=very-secret',
      "--oidc-auth-request-extra-params=hint=o'neill; rm",
    ])
    await visit(await addressOf(running))
    const ran = await running.ended
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.stdout).toContain('"email": "vera@example.org"')
    expect(ran.stdout).toContain(`sub                 ${issuer.issuer}#vera`)
    // The name in the binding is the one that the flags make.
    expect(ran.stdout).toContain('--oidc-username-claim=sub\n')
    expect(ran.stdout).toContain(`--user='${issuer.issuer}#vera'`)
    expect(ran.stdout).toContain('--exec-arg=--oidc-client-secret-from-env')
    expect(ran.stdout).toContain(
      "--exec-arg='--oidc-auth-request-extra-params=hint=o'\\''neill; rm'",
    )
    expect(ran.stdout).not.toContain('very-secret')
    expect(() => keysOf(person)).toThrow('ENOENT')
  })
})
