import { chmod, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { exitCodes } from '../src/failure.ts'
import { link, startOddHub, token, type OddHub } from '../test/odd-hub.ts'
import { startOddIssuer, type OddIssuer } from '../test/odd-issuer.ts'
import { addressOf, newPerson, tokenOf, visit, type Person } from '../test/person.ts'

let issuer: OddIssuer
let hub: OddHub
const ca = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n'
const signIn = () => ({
  issuer: issuer.issuer,
  clientId: 'kube',
  scopes: ['email'],
  needsSecret: false,
  cluster: { server: 'https://10.0.0.1:6443', ca, tlsServerName: null },
})

beforeAll(async () => {
  issuer = await startOddIssuer()
})
afterAll(() => issuer.stop())
beforeEach(async () => {
  issuer.become({})
  issuer.requests.length = 0
  hub = await startOddHub(signIn())
  return () => hub.stop()
})

const place = () => [`--hub=${hub.url}`, '--instance=prod']
const withLink = () => [...place(), `--link=${link}`]

/** Calls get-token by the hub, for somebody who signs in if they are asked to. */
const getToken = async (person: Person, args: readonly string[], env = {}) => {
  const listening = [`--listen-address=127.0.0.1:${person.port}`, '--skip-open-browser']
  const running = person.start(['get-token', ...args, ...listening], env)
  let isOver = false
  void running.ended.then(() => (isOver = true))
  await vi.waitFor(() => expect(isOver || running.said().includes('/authorize?')).toBe(true), {
    timeout: 30_000,
  })
  if (running.said().includes('/authorize?')) await visit(await addressOf(running))
  return running.ended
}
const alone = (person: Person, args: readonly string[], env = {}) =>
  person.run(['get-token', ...args], { KUBECONFIG_NONINTERACTIVE: '1', ...env })
const keptOf = async ({ cache }: Person) => {
  const name = (await readdir(cache)).find((each) => each.endsWith('.hub'))!
  return join(cache, name)
}
const age = async (
  person: Person,
  change: (kept: { askedAt: number; failedAt: number | null }) => void,
) => {
  const file = await keptOf(person)
  const kept = JSON.parse(await readFile(file, 'utf8')) as { askedAt: number; failedAt: null }
  change(kept)
  await writeFile(file, JSON.stringify(kept))
}
const hourMs = 3_600_000

describe('get-token by a hub', () => {
  test('signs in where the hub says, and asks it again only after an hour', async () => {
    const person = await newPerson(issuer.issuer)
    const ran = await getToken(person, withLink())
    expect(ran.code).toBe(0)
    expect(tokenOf(ran)).toBeTruthy()
    const [asked] = issuer.requests.filter(({ path }) => path === '/authorize')
    expect(asked!.form).toMatchObject({ client_id: 'kube', code_challenge_method: 'S256' })
    expect(asked!.form['scope']).toContain('openid email')
    expect(hub.requests.length).toBe(1)
    expect((await stat(await keptOf(person))).mode & 0o777).toBe(0o600)

    expect((await alone(person, withLink())).code).toBe(0)
    // What was kept opens it, without the link.
    expect((await alone(person, place())).code).toBe(0)
    expect(hub.requests.length).toBe(1)
    await age(person, (kept) => (kept.askedAt -= hourMs + 1000))
    expect((await alone(person, withLink())).code).toBe(0)
    expect(hub.requests.length).toBe(2)
    // A clock that was set back makes nothing last for ever.
    await age(person, (kept) => (kept.askedAt += 10 * hourMs))
    expect((await alone(person, withLink())).code).toBe(0)
    expect(hub.requests.length).toBe(3)
  })

  test('works with what it kept while the hub is away, and asks it again five minutes later', async () => {
    const person = await newPerson(issuer.issuer)
    await getToken(person, withLink())
    await age(person, (kept) => (kept.askedAt -= 1000 * hourMs))
    hub.become({ answer: { status: 503, body: 'gone', headers: { 'content-type': 'text/html' } } })
    for (let calls = 0; calls < 3; calls += 1) {
      expect((await alone(person, withLink())).code).toBe(0)
    }
    expect(hub.requests.length).toBe(2)
    await age(person, (kept) => (kept.failedAt = Date.now() - 301_000))
    expect((await alone(person, withLink())).code).toBe(0)
    expect(hub.requests.length).toBe(3)
    const nothingKept = await newPerson(issuer.issuer)
    expect(await alone(nothingKept, withLink())).toMatchObject({
      code: exitCodes.unreachable,
      stdout: '',
      stderr: expect.stringContaining('503 with text/html'),
    })
  })

  test('says that another provider is named than before, and forgets what the hub takes back', async () => {
    const person = await newPerson(issuer.issuer)
    await getToken(person, withLink())
    await age(person, (kept) => (kept.askedAt -= 2 * hourMs))
    hub.become({ signIn: { ...signIn(), issuer: 'https://127.0.0.1:9' } })
    const moved = await alone(person, withLink())
    expect(moved.stderr).toContain(`at https://127.0.0.1:9, before at ${issuer.issuer}`)
    await age(person, (kept) => (kept.askedAt -= 2 * hourMs))
    const body = JSON.stringify({ detail: 'This link opens no sign-in.' })
    const headers = { 'content-type': 'application/problem+json' }
    hub.become({ answer: { status: 404, headers, body } })
    expect(await alone(person, withLink())).toMatchObject({
      code: exitCodes.refused,
      stderr: expect.stringContaining('This link opens no sign-in.'),
    })
    expect((await readdir(person.cache)).filter((name) => name.endsWith('.hub'))).toEqual([])
  })

  test('without a link it says where one is, or gets it by HUB_TOKEN, which goes to the hub alone', async () => {
    const person = await newPerson(issuer.issuer)
    expect(await alone(person, place())).toMatchObject({
      code: exitCodes['needs-person'],
      stderr: expect.stringContaining('from the page of the instance, or export HUB_TOKEN'),
    })
    expect(hub.requests).toEqual([])
    expect((await getToken(person, place(), { HUB_TOKEN: token })).code).toBe(0)
    expect(hub.requests.map(({ authorization }) => authorization)).toEqual([
      `Bearer ${token}`,
      undefined,
    ])
    expect(JSON.stringify(issuer.requests)).not.toContain(token)
    const wrong = await alone(await newPerson(issuer.issuer), place(), { HUB_TOKEN: 'other' })
    expect(wrong.code).toBe(exitCodes.refused)
  })

  test.each<[string, Parameters<OddHub['become']>[0], string]>([
    [
      'leads elsewhere',
      { answer: { status: 302, headers: { location: 'https://evil.example.org/?x=1' } } },
      'leads to https://evil.example.org/',
    ],
    [
      'is a page',
      { answer: { headers: { 'content-type': 'text/html' }, body: '<html>' } },
      '200 with text/html',
    ],
    [
      'is no JSON',
      { answer: { headers: { 'content-type': 'application/json' }, body: '{' } },
      'does not answer as a hub does',
    ],
    [
      'is null',
      { answer: { headers: { 'content-type': 'application/json' }, body: 'null' } },
      'does not answer as a hub does',
    ],
    [
      'has 10 MB',
      {
        answer: {
          headers: { 'content-type': 'application/json' },
          body: `"${'x'.repeat(10_000_000)}"`,
        },
      },
      'answers without end',
    ],
    ['names no issuer', { signIn: { ...signInOf(), issuer: 7 } }, 'it names no issuer'],
    [
      'names an issuer by plain http',
      { signIn: { ...signInOf(), issuer: 'http://id.example.org' } },
      'must begin with https://',
    ],
    [
      'names an issuer that a shell would obey',
      { signIn: { ...signInOf(), issuer: 'https://id.example.org/$(touch x)' } },
      'holds characters',
    ],
    [
      'names a file as issuer',
      { signIn: { ...signInOf(), issuer: 'file:///etc/passwd' } },
      'must begin with https://',
    ],
    [
      'names a client that a terminal would obey',
      { signIn: { ...signInOf(), clientId: 'a\u001B[2J' } },
      'it names no client',
    ],
    [
      'has scopes that are none',
      { signIn: { ...signInOf(), scopes: ['email profile'] } },
      'its scopes are none',
    ],
    [
      'has a scope list without end',
      { signIn: { ...signInOf(), scopes: Array.from({ length: 1000 }, () => 'a') } },
      'its scopes are none',
    ],
    [
      'names a cluster by plain http',
      {
        signIn: {
          ...signInOf(),
          cluster: { server: 'http://10.0.0.1', ca: null, tlsServerName: null },
        },
      },
      'no https server',
    ],
    [
      'sends a private key as authority',
      {
        signIn: {
          ...signInOf(),
          cluster: {
            server: 'https://10.0.0.1',
            ca: `${ca}-----BEGIN PRIVATE KEY-----`,
            tlsServerName: null,
          },
        },
      },
      'its authority is none',
    ],
  ])('takes nothing from a hub whose answer %s', async (_, become, sentence) => {
    const person = await newPerson(issuer.issuer)
    hub.become(become)
    const ran = await alone(person, withLink())
    expect(ran).toMatchObject({ code: exitCodes.unreachable, stdout: '' })
    expect(ran.stderr).toContain(sentence)
    expect(issuer.requests).toEqual([])
  })

  test.each([
    [['--hub=http://hub.example.org', '--instance=prod'], 'must begin with https://'],
    [['--hub=https://hub.example.org/path', '--instance=prod'], 'without a path'],
    [['--hub=https://user:secret@hub.example.org', '--instance=prod'], 'user or password'],
    [['--hub=https://hub.example.org'], '--instance is missing'],
    [['--instance=prod'], '--hub is missing'],
    [['--hub=https://hub.example.org', '--instance=../admin'], '--instance is a name'],
    [['--hub=https://hub.example.org', '--instance=prod', '--link=short'], 'not a whole link'],
    [
      ['--hub=https://hub.example.org', '--instance=prod', '--oidc-client-id=x'],
      'exclude each other',
    ],
  ])('refuses %j', async (args, sentence) => {
    const ran = await alone(await newPerson(issuer.issuer), args)
    expect(ran).toMatchObject({ code: exitCodes.usage, stdout: '' })
    expect(ran.stderr).toContain(sentence)
  })

  test('clean deletes what the hub said too', async () => {
    const person = await newPerson(issuer.issuer)
    await getToken(person, withLink())
    expect((await person.run(['clean'])).code).toBe(0)
    await expect(stat(person.cache)).rejects.toThrow('ENOENT')
  })
})

/** Of no test's own issuer: what is wrong with it is looked at before it is asked. */
function signInOf() {
  const cluster = { server: 'https://10.0.0.1:6443', ca: null, tlsServerName: null }
  return {
    issuer: 'https://id.example.org',
    clientId: 'kube',
    scopes: [],
    needsSecret: false,
    cluster,
  }
}

describe('kubeconfig', () => {
  const write = (person: Person, args: readonly string[] = [], env = {}) =>
    person.run(['kubeconfig', ...withLink(), ...args], env)
  const fileOf = ({ home }: Person) => join(home, '.kube', 'config')
  const put = async (person: Person, text: string) => {
    await mkdir(join(person.home, '.kube'), { recursive: true })
    await writeFile(fileOf(person), text)
  }
  const other = `# Mine: do not touch.
apiVersion: v1
kind: Config
current-context: other # the usual one
clusters:
- name: other
  cluster: {server: "https://other.example.org"}
contexts:
- context:
    cluster: other
    user: other
  name: other
users:
# the old way
- name: other
  user:
    token: abc
preferences: {}
`

  test('is written where there is none, for its owner alone, and names no provider', async () => {
    const person = await newPerson(issuer.issuer)
    const ran = await write(person)
    expect(ran).toMatchObject({ code: 0, stdout: '' })
    expect(ran.stderr).toContain(`prod-oidc is added to ${fileOf(person)}`)
    const text = await readFile(fileOf(person), 'utf8')
    expect((await stat(fileOf(person))).mode & 0o777).toBe(0o600)
    expect(text).not.toContain(issuer.issuer)
    expect(parse(text)).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'prod-oidc',
          cluster: {
            server: 'https://10.0.0.1:6443',
            'certificate-authority-data': Buffer.from(ca).toString('base64'),
          },
        },
      ],
      users: [
        {
          name: 'prod-oidc',
          user: {
            exec: {
              apiVersion: 'client.authentication.k8s.io/v1',
              command: 'kubectl-together_login',
              args: ['get-token', ...withLink()],
              interactiveMode: 'IfAvailable',
              provideClusterInfo: false,
              installHint: expect.stringContaining(`${hub.url}/cli/`),
            },
          },
        },
      ],
      contexts: [{ name: 'prod-oidc', context: { cluster: 'prod-oidc', user: 'prod-oidc' } }],
      'current-context': 'prod-oidc',
    })
    expect(await readdir(join(person.home, '.kube'))).toEqual(['config'])
  })

  test('keeps what is there: other entries, comments, and the context in use', async () => {
    const person = await newPerson(issuer.issuer)
    await put(person, other)
    await chmod(fileOf(person), 0o644)
    expect((await write(person)).code).toBe(0)
    const text = await readFile(fileOf(person), 'utf8')
    const lines = text.split('\n').map(squeeze)
    for (const line of other.split('\n')) expect(lines).toContain(squeeze(line))
    expect((parse(text) as { 'current-context': string })['current-context']).toBe('other')
    expect((await stat(fileOf(person))).mode & 0o777).toBe(0o600)
    // Once more it changes nothing; the hub's word changes what is its own, and a namespace that somebody chose stays.
    await utimes(fileOf(person), 1, 1)
    expect((await write(person)).stderr).toContain('is in')
    expect((await stat(fileOf(person))).mtimeMs).toBe(1000)
    await writeFile(
      fileOf(person),
      text.replace(/^( +)cluster: prod-oidc$/m, '$&\n$1namespace: ml'),
    )
    hub.become({ signIn: { ...signIn(), cluster: { ...signIn().cluster, server: 'https://new' } } })
    expect((await write(person)).stderr).toContain('is renewed')
    const renewed = await readFile(fileOf(person), 'utf8')
    expect(renewed).toContain('server: https://new')
    expect(renewed).toContain('namespace: ml')
    expect(renewed).toContain('# the old way')
  })

  test('a name that something else has is said, and left alone unless it is to be replaced', async () => {
    const person = await newPerson(issuer.issuer)
    const taken = other.replaceAll('name: other', 'name: prod-oidc')
    await put(person, taken)
    expect(await write(person)).toMatchObject({
      code: exitCodes.usage,
      stderr: expect.stringContaining('something else of the name prod-oidc'),
    })
    expect(await readFile(fileOf(person), 'utf8')).toBe(taken)
    expect((await write(person, ['--name=prod-2'])).code).toBe(0)
    expect(await readFile(fileOf(person), 'utf8')).toContain('name: prod-2')
    expect((await write(person, ['--replace'])).code).toBe(0)
    const text = await readFile(fileOf(person), 'utf8')
    expect(text).not.toContain('token: abc')
    expect((parse(text) as { users: unknown[] }).users).toHaveLength(2)
  })

  test('--dry-run and --print write nothing', async () => {
    const person = await newPerson(issuer.issuer)
    expect((await write(person, ['--dry-run'])).stderr).toContain('Nothing was written')
    const printed = await write(person, ['--print'])
    expect(parse(printed.stdout)).toMatchObject({ kind: 'Config', 'current-context': 'prod-oidc' })
    await expect(stat(fileOf(person))).rejects.toThrow('ENOENT')
  })

  test('a name that kubectl would read as none, by YAML 1.1, and what is written so already', async () => {
    const person = await newPerson(issuer.issuer)
    const file = join(person.home, 'config')
    const there =
      'apiVersion: v1\nkind: Config\nclusters:\n- name: a\n  cluster:\n    insecure-skip-tls-verify: yes\n'
    await writeFile(file, there)
    const args = ['kubeconfig', ...withLink(), '--name=no']
    expect(await person.run(args, { KUBECONFIG: file })).toMatchObject({ code: 0 })
    const text = await readFile(file, 'utf8')
    expect(text).toContain('insecure-skip-tls-verify: yes\n')
    const printed = await person.run([...args, '--print'])
    for (const kubeconfig of [text, printed.stdout]) {
      expect(parse(kubeconfig, { version: '1.1' })).toMatchObject({
        users: [{ name: 'no' }],
        contexts: [{ name: 'no', context: { cluster: 'no', user: 'no' } }],
        'current-context': 'no',
      })
    }
  })

  test('goes to the first file of $KUBECONFIG, and through a link to what is behind it', async () => {
    const person = await newPerson(issuer.issuer)
    const real = join(person.home, 'real.yaml')
    await writeFile(real, other)
    const linked = join(person.home, 'linked.yaml')
    await symlink(real, linked)
    const KUBECONFIG = `:${linked}:${join(person.home, 'second.yaml')}`
    expect((await write(person, [], { KUBECONFIG })).code).toBe(0)
    expect(await readFile(real, 'utf8')).toContain('prod-oidc')
    await expect(stat(fileOf(person))).rejects.toThrow('ENOENT')
  })

  test.each([
    ['no YAML', 'a: [\n', 'is not YAML'],
    ['another kind', 'kind: Secret\n', 'its kind is another'],
    ['a list', '- a\n', 'is no kubeconfig'],
    ['clusters that are none', 'clusters: many\n', 'its clusters are no list'],
  ])('leaves alone what is %s', async (_, text, sentence) => {
    const person = await newPerson(issuer.issuer)
    await put(person, text)
    const ran = await write(person)
    expect(ran.code).toBe(exitCodes.usage)
    expect(ran.stderr).toContain(sentence)
    expect(await readFile(fileOf(person), 'utf8')).toBe(text)
    expect(await readdir(join(person.home, '.kube'))).toEqual(['config'])
  })

  test('waits for a kubectl that changes it, and says by what it is held', async () => {
    const person = await newPerson(issuer.issuer)
    await put(person, other)
    const lock = `${fileOf(person)}.lock`
    await writeFile(lock, '')
    expect(await write(person)).toMatchObject({
      code: exitCodes.cache,
      stderr: expect.stringContaining(lock),
    })
    expect(await readFile(fileOf(person), 'utf8')).toBe(other)
    expect((await stat(lock)).isFile()).toBe(true)
  })

  test('is not written while the hub does not know where the cluster is', async () => {
    const person = await newPerson(issuer.issuer)
    hub.become({ signIn: { ...signIn(), cluster: null } })
    expect(await write(person)).toMatchObject({
      code: exitCodes.refused,
      stderr: expect.stringContaining('does not know where prod is'),
    })
  })
})

/** What only looks otherwise is the same. */
function squeeze(line: string): string {
  return line.replaceAll(/[\s{}]/g, '')
}
