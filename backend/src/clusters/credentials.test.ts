import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApiServer, type Cluster } from '@hub/demo'
import { CredentialList, Credential, Instance, InstanceList, Problem } from '@hub/shared'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { selectAuditRows } from '#audit'
import { createLogger } from '#log'
import { startConnectProxy, withProxy } from '../../test/connect-proxy.ts'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { startHub, type Browser, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { createInstances } from './create-instances.ts'
import { nowhere, renderKubeconfig } from '../../test/kubeconfigs.ts'

const path = '/api/admin/credentials'
const soon = { timeout: 20_000, interval: 25 }
const kubeconfig = renderKubeconfig(nowhere('s3cret-token'))
const problemOf = async (response: Response) => Problem.parse(await response.json())

describe.each(databases)('credentials by API on $dialect', ({ open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let hub: TestHub
  let admin: Browser
  let viewer: Browser

  const start = async () => {
    hub = await startHub({
      db: database.db,
      identityProvider,
      env: {
        HUB_ADMINS: 'oidc:ada',
        HUB_GRANTS: JSON.stringify([
          { principal: 'oidc:eve', role: 'viewer' },
          { principal: 'oidc:bob', role: 'deployer', instanceId: 'prod-east' },
        ]),
      },
    })
    admin = hub.browser()
    viewer = hub.browser()
    await admin.signIn('ada')
    await viewer.signIn('eve')
  }
  beforeAll(async () => {
    identityProvider = await startOddIdentityProvider()
  })
  afterAll(() => identityProvider.stop())
  beforeEach(async () => {
    database = await open()
    await start()
  })
  afterEach(async () => {
    await hub.stop()
    await database.dispose()
  })

  const list = async () => CredentialList.parse(await (await admin.get(path)).json())
  const put = (id: string, text = kubeconfig) =>
    admin.send('PUT', `${path}/${id}`, { kubeconfig: text })
  const rows = async () =>
    (await selectAuditRows(database.db, 50)).filter(({ action }) => action.startsWith('credential'))

  test('an administrator adds, replaces and removes one, and nobody ever reads it back', async () => {
    const created = await put('prod-east')
    expect(created.status).toBe(201)
    const text = await created.text()
    const { cluster, ...told } = Credential.parse(JSON.parse(text))
    // It is asked meanwhile, and on a busy machine was before the answer.
    expect(['connecting', 'unreachable']).toContain(cluster?.state)
    expect(told).toEqual({
      file: 'prod-east.kubeconfig',
      instance: 'prod-east',
      state: 'accepted',
      reason: null,
      fix: null,
      warnings: [],
      since: expect.any(String) as string,
      expiresAt: null,
    })
    // H12: one that nobody can reach is said to be so.
    await expect
      .poll(async () => CredentialList.parse(await (await admin.get(path)).json()).items[0])
      .toMatchObject({ state: 'accepted', cluster: { state: 'unreachable' } })
    const file = join(hub.directory, 'prod-east.kubeconfig')
    expect(readFileSync(file, 'utf8')).toBe(kubeconfig)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(
      InstanceList.parse(await (await admin.get('/api/instances')).json()).items,
    ).toMatchObject([{ id: 'prod-east' }])
    const before = hub.instances.find('prod-east')!.transport
    const replaced = await put('prod-east', renderKubeconfig(nowhere('another-s3cret')))
    expect(replaced.status).toBe(200)
    expect(hub.instances.find('prod-east')!.transport).not.toBe(before)
    const listed = await (await admin.get(path)).text()
    expect(JSON.parse(listed)).toMatchObject({
      items: [{ file: 'prod-east.kubeconfig', state: 'accepted' }],
      directory: { path: hub.directory, writable: true, problem: null },
    })

    expect((await admin.send('DELETE', `${path}/prod-east`)).status).toBe(204)
    expect(readdirSync(hub.directory)).toEqual([])
    await vi.waitFor(() => expect(hub.instances.list()).toEqual([]), soon)
    const gone = await admin.send('DELETE', `${path}/prod-east`)
    expect([gone.status, (await problemOf(gone)).code]).toEqual([404, 'not-found'])

    expect(
      (await rows()).map(({ action, outcome }) => `${action} ${outcome}`).toReversed(),
    ).toEqual([
      'credential.put attempt',
      'credential.put success',
      'credential.put attempt',
      'credential.put success',
      'credential.delete attempt',
      'credential.delete success',
      'credential.delete attempt',
      'credential.delete failure',
    ])
    expect((await rows()).at(-1)).toMatchObject({
      target: { instance: 'prod-east' },
      after: {
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        server: 'https://127.0.0.1:1',
      },
    })
    const everything = [text, listed, JSON.stringify(await rows()), ...hub.lines].join('\n')
    expect(everything).not.toContain('s3cret')
  })

  test.each([
    ['not yaml: [', 'is not YAML'],
    [JSON.stringify({ kind: 'Config' }), 'no clusters, users and contexts'],
    [
      kubeconfig.replace('token: s3cret-token', 'exec: { command: /bin/sh }'),
      'runs a program ("exec")',
    ],
    [
      kubeconfig.replace('token: s3cret-token', 'tokenFile: /etc/shadow'),
      'names a file, which the hub does not open here',
    ],
    // Not even its own: H17.
    [
      kubeconfig.replace('token: s3cret-token', 'tokenFile: prod-east.token'),
      'names a file, which the hub does not open here',
    ],
    [kubeconfig.replace('127.0.0.1:1', '169.254.169.254'), 'a link-local address'],
  ])('422 for one that the policy refuses, with reason and fix: %#', async (text, reason) => {
    const response = await put('prod-east', text)
    expect(response.status).toBe(422)
    const problem = await problemOf(response)
    expect(problem).toMatchObject({
      code: 'credential-refused',
      detail: expect.stringContaining(reason) as string,
      errors: [{ pointer: '/kubeconfig', detail: expect.stringContaining(reason) as string }],
    })
    expect(JSON.stringify(problem)).not.toContain('s3cret')
    expect(readdirSync(hub.directory)).toEqual([])
    expect(await rows()).toEqual([])
  })

  test('400 for a name or body that is none', async () => {
    for (const id of ['Prod', '..', 'a.b', '-a', 'a'.repeat(64), '%2e%2e%2fx']) {
      expect([400, 404]).toContain((await put(id)).status)
    }
    const bodies = [{}, { kubeconfig: '' }, { kubeconfig: 1 }, { kubeconfig, path: '/etc' }]
    for (const body of bodies) {
      expect((await admin.send('PUT', `${path}/prod-east`, body)).status).toBe(400)
    }
    expect(readdirSync(hub.directory)).toEqual([])
  })

  test('403 for everybody but administrators, and 401 for nobody', async () => {
    const deployer = hub.browser()
    await deployer.signIn('bob')
    const ask = async (browser: Browser) => [
      (await browser.get(path)).status,
      (await browser.send('PUT', `${path}/prod-east`, { kubeconfig })).status,
      (await browser.send('DELETE', `${path}/prod-east`)).status,
      (await browser.send('POST', `${path}/prod-east/confirm`)).status,
    ]
    expect(await ask(viewer)).toEqual([403, 403, 403, 403])
    expect(await ask(deployer)).toEqual([403, 403, 403, 403])
    expect(await ask(hub.browser())).toEqual([401, 401, 401, 401])
    expect(readdirSync(hub.directory)).toEqual([])
  })

  test('409 where the directory is a mounted secret, saying where the file comes from', async () => {
    mkdirSync(join(hub.directory, '..1'))
    writeFileSync(join(hub.directory, '..1', 'prod-east.kubeconfig'), kubeconfig)
    symlinkSync('..1', join(hub.directory, '..data'))
    symlinkSync('..data/prod-east.kubeconfig', join(hub.directory, 'prod-east.kubeconfig'))
    await hub.instances.rescan()
    expect((await list()).directory.writable).toBe(false)
    for (const response of [
      await put('prod-east'),
      await put('prod-west'),
      await admin.send('DELETE', `${path}/prod-east`),
    ]) {
      expect(response.status).toBe(409)
      expect(await problemOf(response)).toMatchObject({
        code: 'credentials-read-only',
        detail: expect.stringMatching(/is mounted from a Kubernetes Secret\./) as string,
      })
    }
    expect(hub.instances.find('prod-east')).not.toBeNull()
    expect(readdirSync(hub.directory).toSorted()).toEqual(['..1', '..data', 'prod-east.kubeconfig'])
  })

  test('409 for a credential that is a link elsewhere', async () => {
    const elsewhere = `${hub.directory}-elsewhere`
    writeFileSync(elsewhere, kubeconfig)
    symlinkSync(elsewhere, join(hub.directory, 'prod-east.kubeconfig'))
    const response = await put('prod-east', renderKubeconfig(nowhere('another')))
    expect(response.status).toBe(409)
    expect((await problemOf(response)).detail).toMatch(/is a link to another file/)
    expect(readFileSync(elsewhere, 'utf8')).toBe(kubeconfig)
    rmSync(elsewhere)
  })

  // Root writes wherever the file system lets it.
  test.skipIf(process.getuid?.() === 0)('409 where the hub may not write', async () => {
    chmodSync(hub.directory, 0o500)
    const response = await put('prod-east')
    expect((await list()).directory.writable).toBe(false)
    chmodSync(hub.directory, 0o700)
    expect(response.status).toBe(409)
    expect((await problemOf(response)).detail).toMatch(/may not write .*\(EACCES\)/)
  })

  test('H41: a file that was meant to be a credential is told with the name it should have; what belongs to one is not', async () => {
    const write = (name: string, text = kubeconfig) =>
      writeFileSync(join(hub.directory, name), text)
    for (const folder of ['prod', 'known']) mkdirSync(join(hub.directory, folder))
    const misnamed: Record<string, string> = {
      'prod-east-kubeconfig': 'prod-east',
      'prod.yaml': 'prod',
      config: '<instance>',
      'x.KUBECONFIG': 'x',
      'prod/value': 'prod',
      'by-content': 'by-content',
      'Kube_Config.json': 'kube',
      'admin.conf': 'admin',
    }
    for (const name of Object.keys(misnamed)) write(name)
    write('utf-16', '')
    writeFileSync(join(hub.directory, 'utf-16'), Buffer.from(`\uFEFF${kubeconfig}`, 'utf16le'))
    misnamed['utf-16'] = 'utf-16'
    write('known.kubeconfig')
    for (const name of ['known.token', 'known.yaml', 'known/kubeconfig', 'README', 'notes.md']) {
      write(name)
    }
    for (const name of ['.gitignore', '.hidden.yaml']) write(name)
    write('ca.crt', 'a certificate')
    write('later.token', 'a token that was written before its kubeconfig')
    await hub.instances.rescan()
    const rejected = (await list()).items.filter(({ state }) => state === 'rejected')
    expect(rejected.map(({ file }) => file)).toEqual(Object.keys(misnamed).toSorted())
    for (const { file, fix, instance } of rejected) {
      expect(instance).toBeNull()
      expect(fix).toContain(`Name it "${misnamed[file]}.kubeconfig"`)
    }
    renameSync(join(hub.directory, 'prod.yaml'), join(hub.directory, 'prod.kubeconfig'))
    await hub.instances.rescan()
    const files = (await list()).items.map(({ file }) => file)
    expect(files).toContain('prod.kubeconfig')
    // Its folder is its own now.
    for (const name of ['prod.yaml', 'prod/value']) expect(files).not.toContain(name)
  })

  test('H41: hundreds of strange files are told up to a bound, each once in the log', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'hub-strange-'))
    for (let at = 0; at < 300; at += 1) writeFileSync(join(parent, `c${at}.yaml`), kubeconfig)
    const lines: string[] = []
    const instances = createInstances({
      directory: parent,
      policy: { allowLoopback: true, allowInsecureTls: false },
      log: createLogger('warn', { write: (line) => void lines.push(line) }),
      now: () => new Date(),
    })
    await instances.start()
    await instances.rescan()
    await instances.stop()
    expect(instances.credentials()).toHaveLength(100)
    expect(lines.filter((line) => line.includes('file not taken'))).toHaveLength(100)
    rmSync(parent, { recursive: true })
  })

  test('lists what was rejected and why, with a good version still serving', async () => {
    await put('prod-east')
    writeFileSync(join(hub.directory, 'prod-east.kubeconfig'), 'nonsense')
    writeFileSync(join(hub.directory, 'No_Name.kubeconfig'), kubeconfig)
    await hub.instances.rescan()
    expect((await list()).items).toMatchObject([
      { file: 'No_Name.kubeconfig', instance: null, state: 'rejected' },
      {
        file: 'prod-east.kubeconfig',
        instance: 'prod-east',
        state: 'rejected',
        reason: 'The file is not a kubeconfig: it holds no mapping.',
        fix: expect.stringMatching(/\.$/) as string,
      },
    ])
    expect(hub.instances.find('prod-east')).not.toBeNull()
  })
})

describe.each(databases)('a name that leads to another cluster on $dialect', ({ open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let one: Cluster
  let other: Cluster
  let hub: TestHub

  const start = (cluster: Cluster) =>
    startHub({
      db: database.db,
      identityProvider,
      credentials: { 'prod-east': cluster.kubeconfig('service-account-token') },
      env: {
        HUB_ADMINS: 'oidc:ada',
        HUB_GRANTS: JSON.stringify([
          { principal: 'oidc:eve', role: 'viewer' },
          { principal: 'oidc:bob', role: 'deployer', instanceId: 'prod-east' },
        ]),
      },
    })
  beforeAll(async () => {
    ;[database, identityProvider, one, other] = await Promise.all([
      open(),
      startOddIdentityProvider(),
      startApiServer(),
      startApiServer(),
    ])
  })
  afterAll(async () => {
    await hub?.stop()
    await Promise.all([database.dispose(), identityProvider.stop(), one.stop(), other.stop()])
  })

  test('rests until an administrator confirms, over a restart too', async () => {
    hub = await start(one)
    const signedIn = async (subject: string) => {
      const browser = hub.browser()
      await browser.signIn(subject)
      return browser
    }
    const stateFor = async (browser: Browser) => {
      const response = await browser.get('/api/instances/prod-east')
      return response.status === 200
        ? Instance.parse(await response.json()).status.state
        : response.status
    }
    let [admin, viewer, deployer] = [
      await signedIn('ada'),
      await signedIn('eve'),
      await signedIn('bob'),
    ]
    await vi.waitFor(async () => expect(await stateFor(viewer)).toBe('ready'), soon)

    const replace = async (cluster: Cluster) =>
      admin.send('PUT', '/api/admin/credentials/prod-east', {
        kubeconfig: cluster.kubeconfig('service-account-token'),
      })
    expect((await replace(other)).status).toBe(200)
    const expectRest = async () => {
      await vi.waitFor(async () => expect(await stateFor(viewer)).toBe(404), soon)
      expect(await stateFor(deployer)).toBe(404)
      const bodyOf = async (id: string) => {
        const {
          instance: _,
          requestId: __,
          ...rest
        } = Problem.parse(await (await deployer.get(`/api/instances/${id}`)).json())
        return JSON.stringify(rest).replaceAll(id, 'it')
      }
      expect(await bodyOf('prod-east')).toBe(await bodyOf('nowhere'))
      const items = InstanceList.parse(await (await viewer.get('/api/instances')).json()).items
      expect(items).toEqual([])
      const deployments = '/api/instances/prod-east/namespaces/default/deployments'
      const body = { name: 'x', spec: { model: { id: 'a/b' } } }
      expect((await deployer.send('POST', deployments, body)).status).toBe(404)
      expect((await deployer.get('/api/instances/prod-east/namespaces')).status).toBe(404)
      const seen = Instance.parse(await (await admin.get('/api/instances/prod-east')).json())
      expect(seen.status).toMatchObject({
        state: 'degraded',
        reason: expect.stringContaining('now leads to a different cluster') as string,
      })
      const { items: credentials } = CredentialList.parse(
        await (await admin.get('/api/admin/credentials')).json(),
      )
      expect(credentials).toMatchObject([{ instance: 'prod-east', state: 'resting' }])
    }
    await expectRest()

    await restart()
    await expectRest()

    // Back to the cluster it was needs no confirmation.
    await replace(one)
    await vi.waitFor(async () => expect(await stateFor(viewer)).toBe('ready'), soon)
    await replace(other)
    await expectRest()

    const confirmed = await admin.send('POST', '/api/admin/credentials/prod-east/confirm')
    expect(confirmed.status).toBe(204)
    expect(await stateFor(viewer)).toBe('ready')
    expect(await stateFor(deployer)).toBe('ready')
    const [row] = await selectAuditRows(database.db, 1)
    expect(row).toMatchObject({
      action: 'credential.confirm',
      actor: 'oidc:ada',
      outcome: 'success',
      target: { instance: 'prod-east' },
    })
    const again = await admin.send('POST', '/api/admin/credentials/prod-east/confirm')
    expect(again.status).toBe(204)
    await restart()
    await vi.waitFor(async () => expect(await stateFor(viewer)).toBe('ready'), soon)

    async function restart() {
      await hub.stop()
      hub = await start(other)
      ;[admin, viewer, deployer] = [
        await signedIn('ada'),
        await signedIn('eve'),
        await signedIn('bob'),
      ]
    }
  })
})

describe.each(databases)(
  'an instance whose credential is taken no more, on $dialect',
  ({ open }) => {
    test('says so after a restart to whoever may see it, and goes on when one is taken', async () => {
      const [database, identityProvider, cluster] = await Promise.all([
        open(),
        startOddIdentityProvider(),
        startApiServer(),
      ])
      const good = cluster.kubeconfig('service-account-token')
      const masked = good.replace(/token: .*/, 'token: REDACTED')
      const start = (text: string) =>
        startHub({
          db: database.db,
          identityProvider,
          credentials: { 'prod-east': text, 'never-seen': masked },
          env: {
            HUB_ADMINS: 'oidc:ada',
            HUB_GRANTS: JSON.stringify([
              { principal: 'oidc:bob', role: 'deployer', instanceId: 'prod-east' },
              { principal: 'oidc:eve', role: 'viewer', instanceId: 'prod-west' },
            ]),
          },
        })
      let hub = await start(good)
      const signedIn = async (subject: string) => {
        const browser = hub.browser()
        await browser.signIn(subject)
        return browser
      }
      const place = '/api/instances/prod-east'
      const stateFor = async (browser: Browser) =>
        Instance.parse(await (await browser.get(place)).json()).status.state
      const deployments = `${place}/namespaces/default/deployments`
      const body = { name: 'x', spec: { model: { id: 'a/b' }, engine: { type: 'vllm' } } }
      try {
        const first = await signedIn('bob')
        await vi.waitFor(async () => expect(await stateFor(first)).toBe('ready'), soon)

        await hub.stop()
        hub = await start(masked)
        const [admin, deployer, stranger] = [
          await signedIn('ada'),
          await signedIn('bob'),
          await signedIn('eve'),
        ]
        const { status } = Instance.parse(await (await deployer.get(place)).json())
        expect(status).toMatchObject({
          state: 'no-credential',
          reason: expect.stringContaining('has no valid credential') as string,
          lastSeenAt: null,
        })
        expect(JSON.stringify(status)).not.toContain('REDACTED')
        const refused = await deployer.send('POST', deployments, body)
        expect([refused.status, (await problemOf(refused)).code]).toEqual([
          503,
          'instance-not-ready',
        ])
        expect(await (await deployer.get('/api/deployments')).json()).toMatchObject({
          items: [],
          partial: [{ instance: 'prod-east', reason: status.reason }],
        })
        expect((await stranger.get(place)).status).toBe(404)
        expect(CredentialList.parse(await (await admin.get(path)).json()).items).toMatchObject([
          { instance: 'never-seen', state: 'rejected', cluster: null },
          { instance: 'prod-east', state: 'rejected', cluster: { state: 'no-credential' } },
        ])
        const checked = await admin.get(`${place}/preflight`)
        expect([checked.status, (await problemOf(checked)).code]).toEqual([
          502,
          'instance-unauthorized',
        ])

        writeFileSync(join(hub.directory, 'prod-east.kubeconfig'), good)
        await vi.waitFor(async () => expect(await stateFor(deployer)).toBe('ready'), soon)
        writeFileSync(join(hub.directory, 'prod-east.kubeconfig'), masked)
        rmSync(join(hub.directory, 'prod-east.kubeconfig'))
        await vi.waitFor(async () => expect((await deployer.get(place)).status).toBe(404), soon)
      } finally {
        await hub.stop()
        await Promise.all([database.dispose(), identityProvider.stop(), cluster.stop()])
      }
    })
  },
)

describe('a credential that names a proxy', () => {
  test('is taken where the hub allows that proxy, and its trouble is told without its password', async () => {
    const cluster = await startApiServer()
    const proxy = await startConnectProxy({ user: 'hub', password: 'pr0xy-s3cret' })
    const database = await databases[0].open()
    const own = cluster.kubeconfig('service-account-token')
    const proxyUrl = proxy.origin.replace('//', '//hub:pr0xy-s3cret@')
    const hub = await startHub({
      db: database.db,
      credentials: {
        'by-proxy': withProxy(own, proxyUrl),
        'by-another': withProxy(own, 'http://hub:pr0xy-s3cret@another.example:3128'),
        'wrong-password': withProxy(own, proxyUrl.replace('pr0xy-s3cret', 'n0t-s3cret')),
      },
      env: { ENABLED_AUTH_PROVIDERS: '', HUB_ALLOW_CLUSTER_PROXIES: proxy.origin },
    })
    const statusOf = (id: string) => hub.instances.find(id)?.status
    await vi.waitFor(() => expect(statusOf('by-proxy')?.state).toBe('ready'), soon)
    await vi.waitFor(() => expect(hub.fleet.instanceState('by-proxy').synced).toBe(true), soon)
    await vi.waitFor(() => expect(statusOf('wrong-password')?.state).toBe('unreachable'), soon)
    expect(statusOf('wrong-password')?.reason).toMatch(
      /^Instance "wrong-password" is behind a proxy that refused its user name and password/,
    )
    expect(hub.instances.rejected()).toMatchObject([
      { file: 'by-another.kubeconfig', reason: expect.stringContaining('another.example') },
    ])
    await proxy.stop()
    hub.instances.probe('by-proxy')
    await vi.waitFor(() => expect(statusOf('by-proxy')?.state).toBe('unreachable'), soon)
    expect(statusOf('by-proxy')?.reason).toMatch(/is behind a proxy that refused the connection\./)
    expect(hub.lines.join()).not.toMatch(/(pr0xy|n0t)-s3cret/)
    expect(hub.lines.join()).not.toContain(Buffer.from('hub:pr0xy-s3cret').toString('base64'))
    await hub.stop()
    await database.dispose()
    await cluster.stop()
  })
})

describe('hundreds of credentials', () => {
  test('dropped or swapped at once are in use within 2 s', async () => {
    const database = await databases[0].open()
    const hub = await startHub({ db: database.db, env: { ENABLED_AUTH_PROVIDERS: '' } })
    const names = Array.from({ length: 300 }, (_, index) => `cluster-${index}`)
    const version = (number: number) => {
      mkdirSync(join(hub.directory, `..${number}`))
      for (const name of names) {
        writeFileSync(
          join(hub.directory, `..${number}`, `${name}.kubeconfig`),
          renderKubeconfig(nowhere(`token-${number}-${name}`)),
        )
      }
      symlinkSync(`..${number}`, join(hub.directory, '..data_tmp'))
    }
    version(1)
    for (const name of names) {
      symlinkSync(`..data/${name}.kubeconfig`, join(hub.directory, `${name}.kubeconfig`))
    }
    renameSync(join(hub.directory, '..data_tmp'), join(hub.directory, '..data'))
    await vi.waitFor(() => expect(hub.instances.list()).toHaveLength(300), soon)
    const before = new Set(hub.instances.list().map(({ transport }) => transport))

    version(2)
    renameSync(join(hub.directory, '..data_tmp'), join(hub.directory, '..data'))
    await vi.waitFor(() => {
      const isOld = hub.instances.list().filter(({ transport }) => before.has(transport))
      expect(isOld).toEqual([])
    }, soon)
    expect(hub.instances.list()).toHaveLength(300)
    await hub.stop()
    await database.dispose()
  })
})
