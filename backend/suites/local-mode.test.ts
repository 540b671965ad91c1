import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Cluster } from '@hub/demo'
import type { CredentialList, InstanceList, Me } from '@hub/shared'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { clusterKinds } from '../test/clusters.ts'
import { databases, type TestDatabase } from '../test/databases.ts'
import { hubOrigin, startHub, type TestHub } from '../test/hub.ts'

type Kubeconfig = {
  'current-context'?: string
  clusters: { name: string; cluster: Record<string, unknown> }[]
  users: { name: string; user: Record<string, unknown> }[]
  contexts: { name: string; context: Record<string, unknown> }[]
}

const secret = 'a-secret-of-this-test-0123456789abcdef'

/** A browser that came by the printed address. */
async function enter(hub: TestHub, token = secret) {
  const browser = hub.browser()
  await browser.get(`/?token=${token}`)
  return browser
}

describe.each(clusterKinds)('local mode with $kind', ({ skip, start }) => {
  describe.skipIf(skip)('and a kubeconfig', () => {
    let cluster: Cluster
    let database: TestDatabase
    let folder: string
    let hub: TestHub | null = null

    beforeAll(async () => {
      ;[cluster, database] = await Promise.all([start(), databases[0].open()])
    }, 90_000)
    afterAll(() => Promise.all([cluster?.stop(), database?.dispose()]), 60_000)
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'hub-local-'))
    })
    afterEach(async () => {
      await hub?.stop()
      hub = null
      await rm(folder, { recursive: true, force: true })
    })

    const own = () => parse(cluster.kubeconfig('client-certificate')) as Kubeconfig
    const named = (name: string, config = own()): Kubeconfig => ({
      clusters: [{ name, cluster: config.clusters[0]!.cluster }],
      users: [{ name, user: config.users[0]!.user }],
      contexts: [{ name, context: { cluster: name, user: name } }],
    })
    const write = async (path: string, config: unknown) => {
      await writeFile(join(folder, path), typeof config === 'string' ? config : stringify(config))
      return join(folder, path)
    }
    const startLocal = async (...kubeconfigs: string[]) => {
      hub = await startHub({
        db: database.db,
        env: {
          HUB_MODE: '',
          HUB_LOCAL_SECRET: secret,
          ENABLED_AUTH_PROVIDERS: '',
          KUBECONFIG: kubeconfigs.join(delimiter),
          PATH: process.env['PATH'],
          HOME: folder,
          USER: 'ada',
          OUTER: 'from the terminal',
        },
      })
      return hub
    }
    const idsOf = async (at: TestHub) => {
      const list = (await (await (await enter(at)).get('/api/instances')).json()) as InstanceList
      return list.items.map(({ id }) => id)
    }

    test('every context is an instance, without sign-in, and the person may do everything', async () => {
      const at = await startLocal(await write('config', named('My_Cluster@EU')))
      const browser = await enter(at)
      expect((await (await browser.get('/api/auth/me')).json()) as Me).toMatchObject({
        principal: 'local:ada',
        displayName: 'ada',
        provider: 'local',
        awaitsSetup: false,
        authenticatedAt: null,
        abilities: { administer: true },
      })
      expect([...browser.cookies.keys()]).toEqual(['hub_local_3001'])
      expect(await idsOf(at)).toEqual(['my-cluster-eu'])
      await expect
        .poll(() => at.instances.find('my-cluster-eu')?.kubernetesVersion, { timeout: 20_000 })
        .toMatch(/^v1\./)
      const list = (await (await browser.get('/api/admin/credentials')).json()) as CredentialList
      expect(list).toMatchObject({
        items: [{ file: 'context My_Cluster@EU', state: 'accepted' }],
        directory: { writable: false, path: join(folder, 'config'), problem: null },
      })
      const put = await browser.send('PUT', '/api/admin/credentials/x', { kubeconfig: 'x' })
      expect([put.status, ((await put.json()) as { code: string }).code]).toEqual([
        409,
        'credentials-read-only',
      ])
      expect((await browser.send('DELETE', '/api/admin/credentials/my-cluster-eu')).status).toBe(
        409,
      )
    })

    test('an exec plugin runs as kubectl would run it: beside the kubeconfig, with the whole environment', async () => {
      const user = own().users[0]!.user
      const decode = (field: string) => Buffer.from(String(user[field]), 'base64').toString('utf8')
      const status = {
        clientCertificateData: decode('client-certificate-data'),
        clientKeyData: decode('client-key-data'),
      }
      await mkdir(join(folder, 'bin'))
      const plugin = join(folder, 'bin', 'login')
      const answer = JSON.stringify({
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        status,
      })
      await writeFile(join(folder, 'answer.json'), answer)
      await writeFile(
        plugin,
        `#!/bin/sh\n[ "$OUTER" = "from the terminal" ] && [ "$INNER" = "own" ] && cat "$HOME/answer.json"\n`,
      )
      await chmod(plugin, 0o755)
      const config = named('with-exec')
      config.users[0]!.user = {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: './bin/login',
          interactiveMode: 'IfAvailable',
          env: [{ name: 'INNER', value: 'own' }],
        },
      }
      const at = await startLocal(await write('config', config))
      await expect
        .poll(() => at.instances.find('with-exec')?.kubernetesVersion, { timeout: 20_000 })
        .toMatch(/^v1\./)
    })

    test('files beside the kubeconfig are found from there, and TLS that is not checked is flagged', async () => {
      const config = named('by-files')
      const { cluster: entry } = config.clusters[0]!
      const { user } = config.users[0]!
      await mkdir(join(folder, 'pki'))
      for (const [field, file] of [
        ['client-certificate', 'pki/tls.crt'],
        ['client-key', 'pki/tls.key'],
      ] as const) {
        await writeFile(join(folder, file), Buffer.from(String(user[`${field}-data`]), 'base64'))
        delete user[`${field}-data`]
        user[field] = file
      }
      delete entry['certificate-authority-data']
      entry['insecure-skip-tls-verify'] = true
      const at = await startLocal(await write('config', config))
      await expect
        .poll(() => at.instances.find('by-files')?.kubernetesVersion, { timeout: 20_000 })
        .toMatch(/^v1\./)
      expect(at.instances.find('by-files')!.warnings.join()).toContain('insecure-skip-tls-verify')
    })

    test('KUBECONFIG is merged as by kubectl, a file that is not there is none, and changes are followed', async () => {
      const one = await write('one', { ...named('east'), 'current-context': 'gone' })
      const shadow = named('east')
      shadow.contexts[0]!.context['cluster'] = 'nowhere'
      const two = await write('two', {
        clusters: [...named('west').clusters],
        users: [...named('west').users],
        contexts: [...shadow.contexts, ...named('west').contexts],
      })
      const at = await startLocal(one, join(folder, 'missing'), two)
      const ids = () => idsOf(at)
      expect(await ids()).toEqual(['east', 'west'])

      await write('two', 'contexts: [')
      await expect.poll(() => at.instances.problem(), { timeout: 20_000 }).toContain(two)
      expect(await ids()).toEqual(['east', 'west'])

      await write('next', { ...named('north') })
      await rename(join(folder, 'next'), two)
      await expect.poll(ids, { timeout: 20_000 }).toEqual(['east', 'north'])
      expect(at.instances.problem()).toBeNull()
    })
  })
})

describe('local mode', () => {
  let database: TestDatabase
  let hub: TestHub
  beforeAll(async () => {
    database = await databases[0].open()
    hub = await startHub({
      db: database.db,
      env: {
        HUB_MODE: '',
        HUB_LOCAL_SECRET: secret,
        ENABLED_AUTH_PROVIDERS: '',
        KUBECONFIG: '/nowhere/config',
      },
    })
  })
  afterAll(async () => {
    await hub.stop()
    await database.dispose()
  })

  const ask = (path: string, headers: Record<string, string>, init: RequestInit = {}) =>
    hub.app.request(`${hubOrigin}${path}`, {
      ...init,
      headers: { host: 'localhost:3001', ...headers },
    })
  const byToken = { authorization: `Bearer ${secret}` }
  const codeOf = async (response: Response) =>
    [response.status, ((await response.json()) as { code: string }).code] as const

  test.each(['localhost:3001', '127.0.0.1:3001', '[::1]:3001', 'localhost:5173', 'LOCALHOST'])(
    'answers under %s',
    async (host) => {
      expect((await ask('/api/auth/me', { ...byToken, host })).status).toBe(200)
    },
  )

  test.each([
    'evil.example.com',
    'localhost.evil.example.com:3001',
    '127.0.0.1.nip.io',
    '192.168.1.5:3001',
    '0.0.0.0:3001',
    '',
  ])('answers nothing under "%s", so that no name of elsewhere leads here', async (host) => {
    for (const path of ['/api/auth/me', '/', '/livez']) {
      expect(await codeOf(await ask(path, { host }))).toEqual([400, 'host-not-allowed'])
    }
  })

  test.each(['x-forwarded-for', 'x-forwarded-host', 'forwarded', 'via'])(
    'answers no proxy: %s',
    async (name) => {
      expect(await codeOf(await ask('/api/auth/me', { [name]: '127.0.0.1' }))).toEqual([
        400,
        'host-not-allowed',
      ])
    },
  )

  test.each([
    ['a read from another site', 'GET', { 'sec-fetch-site': 'cross-site' }],
    ['a read from another port of this machine', 'GET', { 'sec-fetch-site': 'same-site' }],
    ['a write from another site', 'POST', { 'sec-fetch-site': 'cross-site' }],
    ['a write of a foreign origin', 'POST', { origin: 'http://localhost:9999' }],
    ['a write of nobody', 'POST', {}],
  ])('refuses %s', async (_name, method, headers) => {
    expect(await codeOf(await ask('/api/instances', headers as never, { method }))).toEqual([
      403,
      'csrf',
    ])
  })

  test('an API token is nothing here, and none is made', async () => {
    expect(await codeOf(await ask('/api/auth/me', { authorization: 'Bearer x' }))).toEqual([
      401,
      'invalid-token',
    ])
    const browser = await enter(hub)
    expect(await (await browser.get('/api/auth/tokens')).json()).toEqual({ items: [] })
    const body = { name: 'x', roleCeiling: 'viewer', expiresInDays: 1 }
    expect((await browser.send('POST', '/api/auth/tokens', body)).status).toBe(403)
    expect((await browser.send('POST', '/api/auth/setup', { code: 'x' })).status).toBe(403)
    expect(await (await browser.get('/api/auth/providers')).json()).toEqual({
      items: [],
      isLocal: true,
      agentIssuer: null,
    })
  })

  test.each([
    '/api/auth/me',
    '/api/instances',
    '/api/stream',
    '/api/auth/tokens',
    '/api/admin/audit',
  ])('H28: %s is nothing for another account of this machine', async (path) => {
    const wrong = [
      {},
      { cookie: 'hub_local_3001=' },
      { cookie: `hub_local_3001=${secret}` },
      { cookie: 'hub_local_3001=null' },
      { authorization: `Bearer ${secret.slice(1)}` },
      { authorization: `Bearer ${secret}x` },
    ]
    for (const headers of wrong) {
      const response = await ask(path, { 'sec-fetch-site': 'same-origin', ...headers })
      expect(response.status).toBe(401)
      expect(await response.text()).toMatch(/address (that|which) the hub printed when it started/)
    }
  })

  test('H28: the printed address lets its browser in, and leaves the secret nowhere', async () => {
    const browser = hub.browser()
    const response = await browser.get(`/?token=${secret}`)
    expect([response.status, response.headers.get('location')]).toEqual([303, '/'])
    const [cookie] = response.headers.getSetCookie()
    expect(cookie).toMatch(/^hub_local_3001=.*HttpOnly; SameSite=Strict$/)
    expect(cookie).not.toContain(secret)
    expect((await browser.get('/api/auth/me')).status).toBe(200)
    expect((await ask('/api/auth/me', byToken)).status).toBe(200)
    expect(hub.lines.join('')).not.toContain(secret)
  })

  test('H28: another token leads to where the right one can be given', async () => {
    for (const token of ['', 'x', secret.toUpperCase(), `${secret}%00`]) {
      const response = await hub.browser().get(`/?token=${token}`)
      expect([response.status, response.headers.get('location')]).toEqual([
        303,
        '/login?error=local-token',
      ])
      expect(response.headers.getSetCookie()).toEqual([])
    }
  })

  test('H28: without one set, each start has a secret of its own', async () => {
    const env = { HUB_MODE: '', ENABLED_AUTH_PROVIDERS: '', KUBECONFIG: '/nowhere/config' }
    const [one, two] = [
      await startHub({ db: database.db, env }),
      await startHub({ db: database.db, env }),
    ]
    try {
      expect(one.localSecret).toMatch(/^[\w-]{43}$/)
      expect(two.localSecret).not.toBe(one.localSecret)
      const browser = await enter(one, one.localSecret!)
      const elsewhere = two.browser(undefined, browser.cookies)
      expect((await elsewhere.get('/api/auth/me')).status).toBe(401)
      expect(one.lines.join('')).not.toContain(one.localSecret)
    } finally {
      await Promise.all([one.stop(), two.stop()])
    }
  })

  test('says what to do where there is no context', async () => {
    expect(hub.instances.problem()).toContain('There is no context in /nowhere/config')
    expect(hub.lines.join('')).not.toContain('setup code')
  })
})
