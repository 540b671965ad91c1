import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  createCertificateAuthority,
  issueClientCertificate,
  issueServerCertificate,
  hubProgram,
} from '@hub/demo'
import { InstanceList } from '@hub/shared'
import { stringify } from 'yaml'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { answerAsCluster } from '../test/answer-as-cluster.ts'
import { findFreePort } from '../test/free-port.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../test/odd-identity-provider.ts'
import { programEnvironment } from '../test/program-environment.ts'

const instances = Array.from({ length: 40 }, (_, index) => `cluster-${index}`)
const swaps = 12

/** Credentials that are replaced faster than the hub, held to a quarter of a core, can take them. */
describe.runIf(process.platform === 'linux')('on a slow machine', () => {
  let folder: string
  let credentials: string
  let origin: string
  let hub: ChildProcess
  let cluster: Server
  let ca: string
  let issueClient: () => Promise<Record<string, string>>
  let identityProvider: OddIdentityProvider
  let cookie: string
  let version = 0
  /** The latest version that each instance's cluster was shown. */
  const shown = new Map<string, number>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-slow-'))
    credentials = join(folder, 'credentials')
    await mkdir(credentials)
    ;[identityProvider] = await Promise.all([startOddIdentityProvider(), startCluster()])
    await writeVersion()
    for (const id of instances) {
      await symlink(`..data/${id}.kubeconfig`, join(credentials, `${id}.kubeconfig`))
    }
    await startHub()
    cookie = await signIn()
  }, 120_000)
  afterAll(async () => {
    hub.kill('SIGCONT')
    const exited = new Promise((resolve) => hub.once('exit', resolve))
    hub.kill('SIGKILL')
    await exited
    cluster.closeAllConnections()
    await Promise.all([identityProvider.stop(), new Promise((resolve) => cluster.close(resolve))])
    await rm(folder, { recursive: true, force: true })
  })

  /** Takes every version of a credential for good, and shows no deployments. */
  const startCluster = async () => {
    const authority = await createCertificateAuthority('slow')
    const serving = await issueServerCertificate(authority)
    issueClient = async () => {
      const { certificate, privateKey } = await issueClientCertificate(authority, { user: 'hub' })
      return {
        'client-certificate-data': Buffer.from(certificate).toString('base64'),
        'client-key-data': Buffer.from(privateKey).toString('base64'),
      }
    }
    ca = authority.certificate
    const answer = answerAsCluster({ group: 'airunway.ai' })
    const tls = { cert: serving.certificate, key: serving.privateKey }
    cluster = createServer(tls, (request, response) => {
      const [, of, id] = /^Bearer v(\d+)-(\S+)$/.exec(request.headers.authorization ?? '') ?? []
      if (of === undefined) return void response.writeHead(401).end()
      shown.set(id!, Math.max(Number(of), shown.get(id!) ?? 0))
      const { method, url = '' } = request
      if (url.includes('watch=true')) return response.writeHead(200).flushHeaders()
      const json = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      if (method === 'POST') {
        const metadata = { name: 'probe', namespace: 'team', uid: 'u', resourceVersion: '2' }
        return void json(201, { metadata, spec: {} })
      }
      if (url.includes('limit='))
        return void json(200, { metadata: { resourceVersion: '1' }, items: [] })
      answer(request, response)
    })
    // As kube-apiserver: a connection that is reused at the moment in which it is closed for being
    // idle breaks a request that changes something, and that cannot be repeated.
    cluster.keepAliveTimeout = 90_000
    await new Promise<void>((resolve) => cluster.listen(0, '127.0.0.1', resolve))
  }

  /** As a mounted secret is replaced: a new folder, and one rename that makes `..data` point to it. */
  const writeVersion = async (more: Record<string, string> = {}) => {
    version += 1
    const server = `https://127.0.0.1:${(cluster.address() as AddressInfo).port}`
    const data = Buffer.from(ca).toString('base64')
    await mkdir(join(credentials, `..${version}`))
    for (const id of instances) {
      const kubeconfig = stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'x',
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        clusters: [
          {
            name: 'c',
            cluster: { server, 'certificate-authority-data': data },
          },
        ],
        users: [{ name: 'u', user: { token: `v${version}-${id}`, ...more } }],
      })
      await writeFile(join(credentials, `..${version}`, `${id}.kubeconfig`), kubeconfig)
    }
    await symlink(`..${version}`, join(credentials, '..data_tmp'))
    await rename(join(credentials, '..data_tmp'), join(credentials, '..data'))
  }

  const startHub = async () => {
    const port = await findFreePort()
    origin = `http://127.0.0.1:${port}`
    hub = spawn(process.execPath, [hubProgram], {
      env: {
        ...programEnvironment,
        HUB_MODE: 'true',
        PORT: String(port),
        LOG_LEVEL: 'warn',
        DATABASE_URL: join(folder, 'hub.db'),
        CREDENTIALS_PATH: credentials,
        HUB_ALLOW_LOOPBACK_CLUSTERS: 'true',
        SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
        ENABLED_AUTH_PROVIDERS: 'oidc',
        OIDC_PROVIDER_ISSUER: identityProvider.issuer,
        OIDC_PROVIDER_CLIENT_ID: identityProvider.clientId,
        HUB_GRANTS: JSON.stringify([{ principal: 'oidc:ada', role: 'deployer' }]),
        HUB_REQUESTS_PER_MINUTE: '1000000',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const isReady = () =>
      fetch(`${origin}/readyz`)
        .then(({ ok }) => ok)
        .catch(() => false)
    await vi.waitUntil(isReady, { timeout: 60_000 })
  }

  const signIn = async () => {
    identityProvider.answers.claims = (claims) => ({ ...claims, sub: 'ada', name: 'Ada' })
    const visit = (path: string, cookies = '') =>
      fetch(`${origin}${path}`, { headers: { cookie: cookies }, redirect: 'manual' })
    const login = await visit('/api/auth/login/oidc')
    const parameters = identityProvider.authorize(new URL(login.headers.get('location')!))
    const callback = await visit(
      `/api/auth/callback/oidc?${parameters.toString()}`,
      cookiesOf(login),
    )
    return cookiesOf(callback)
  }

  const isAllReady = async () => {
    const response = await fetch(`${origin}/api/instances`, { headers: { cookie } })
    const { items } = InstanceList.parse(await response.json())
    return (
      items.length === instances.length && items.every(({ status }) => status.state === 'ready')
    )
  }
  const countDescriptors = async () => (await readdir(`/proc/${hub.pid}/fd`)).length

  /** Runs for a quarter of the time until it is let go. */
  const holdBack = () => {
    let timer: NodeJS.Timeout
    const go = () => {
      hub.kill('SIGCONT')
      timer = setTimeout(halt, 25)
    }
    const halt = () => {
      hub.kill('SIGSTOP')
      timer = setTimeout(go, 75)
    }
    const letGo = () => {
      clearTimeout(timer)
      hub.kill('SIGCONT')
    }
    halt()
    onTestFinished(letGo)
    return letGo
  }

  /** Dry runs on one instance after the other, some at a time; returns what failed once it is stopped. */
  const startLoad = () => {
    const failures: string[] = []
    const over = new AbortController()
    let asked = 0
    const repeat = async () => {
      while (!over.signal.aborted) {
        const id = instances[asked++ % instances.length]!
        const path = `/api/instances/${id}/namespaces/team/deployments?dryRun=All`
        try {
          const response = await fetch(`${origin}${path}`, {
            method: 'POST',
            headers: {
              cookie,
              'content-type': 'application/json',
              'sec-fetch-site': 'same-origin',
            },
            body: JSON.stringify({ name: 'probe', spec: { model: { id: 'a/b' } } }),
          })
          const text = await response.text()
          if (!response.ok) failures.push(`${id}: ${response.status} ${text}`)
        } catch (error) {
          failures.push(`${id}: ${String(error)}`)
        }
      }
    }
    const load = Array.from({ length: 4 }, repeat)
    const stop = async () => {
      over.abort()
      await Promise.all(load)
      return { asked, failures }
    }
    onTestFinished(async () => void (await stop()))
    return stop
  }

  test.each([
    ['their token alone', async () => ({})],
    ['their client certificate too, so that each is a transport of its own', () => issueClient()],
  ])(
    'credentials that change in %s once a second fail no request, leave nothing open, and the last ones are used',
    async (_, more) => {
      await expect.poll(isAllReady, { timeout: 60_000 }).toBe(true)
      await writeVersion(await more())
      await expect.poll(() => countBehind(), { timeout: 60_000 }).toBe(0)
      const before = await readLargest(countDescriptors)
      const stopLoad = startLoad()
      const letGo = holdBack()
      for (let swap = 0; swap < swaps; swap += 1) {
        await writeVersion(await more())
        await delay(1_000)
      }
      letGo()
      await expect.poll(() => countBehind(), { timeout: 120_000 }).toBe(0)
      const { asked, failures } = await stopLoad()
      expect(failures).toEqual([])
      expect(asked).toBeGreaterThan(0)
      // What is closing lets what is in flight finish.
      await expect.poll(isAllReady, { timeout: 60_000 }).toBe(true)
      await expect.poll(countDescriptors, { timeout: 60_000 }).toBeLessThanOrEqual(before * 1.02)
    },
    600_000,
  )

  const countBehind = () => instances.filter((id) => shown.get(id) !== version).length
})

/** The largest value within two seconds. */
async function readLargest(read: () => Promise<number>): Promise<number> {
  let largest = 0
  for (let reads = 0; reads < 10; reads += 1) {
    largest = Math.max(largest, await read())
    await delay(200)
  }
  return largest
}

function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0]!)
    .filter((pair) => !pair.endsWith('='))
    .join('; ')
}
