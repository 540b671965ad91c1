import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createCertificateAuthority,
  createKubeClient,
  issueServerCertificate,
  startApiServer,
  startHub,
  type ApiServer,
  type HubProcess,
} from '@hub/demo'
import { DeploymentList } from '@hub/shared'
import { Agent, fetch } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBalancer, type Balancer } from '../test/balancer.ts'
import { databases, type TestDatabase } from '../test/databases.ts'
import { findFreePort } from '../test/free-port.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../test/odd-identity-provider.ts'

const deployments = '/api/instances/prod-east/namespaces/ml-team/deployments'

describe('two replicas on one PostgreSQL, behind a balancer that asks their readiness and tries nothing twice', () => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let cluster: ApiServer
  let balancer: Balancer
  let folder: string
  let agent: Agent
  let urls: string[] = []
  let start: (url: string) => HubProcess
  const hubs = new Map<string, HubProcess>()
  const cookies = new Map<string, string>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-rolling-'))
    const authority = await createCertificateAuthority('A private authority')
    const tls = await issueServerCertificate(authority)
    agent = new Agent({ connect: { ca: authority.certificate } })
    ;[database, identityProvider, cluster] = await Promise.all([
      databases[1].open(),
      startOddIdentityProvider({ tls }),
      startApiServer(),
    ])
    const client = createKubeClient(cluster.kubeconfig('client-certificate'))
    await client.request('POST', '/api/v1/namespaces', {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ml-team' } },
    })
    await client.close()
    const credentials = join(folder, 'credentials')
    await mkdir(credentials)
    const kubeconfig = cluster.kubeconfig('service-account-token')
    await Promise.all([
      writeFile(join(credentials, 'prod-east.kubeconfig'), kubeconfig),
      writeFile(join(folder, 'authority.pem'), authority.certificate),
    ])
    urls = [await findFreePort(), await findFreePort()].map((port) => `http://127.0.0.1:${port}`)
    balancer = await startBalancer({ tls, replicas: urls, probes: true })
    start = (url) =>
      startHub({
        url,
        env: {
          NODE_ENV: 'production',
          NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem'),
          HUB_MODE: 'true',
          HOST: '127.0.0.1',
          PORT: new URL(url).port,
          AUTH_CALLBACK_URL: balancer.origin,
          TRUSTED_PROXIES: '127.0.0.1',
          SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
          DATABASE_URL: database.url,
          CREDENTIALS_PATH: credentials,
          HUB_ALLOW_LOOPBACK_CLUSTERS: 'true',
          HUB_REQUESTS_PER_MINUTE: '1000000',
          ENABLED_AUTH_PROVIDERS: 'oidc',
          OIDC_PROVIDER_ISSUER: identityProvider.issuer,
          OIDC_PROVIDER_CLIENT_ID: identityProvider.clientId,
          OIDC_PROVIDER_CLIENT_SECRET: 'a+secret/with%signs',
          HUB_GRANTS: JSON.stringify([
            { principal: 'oidc:ada', role: 'deployer', instanceId: 'prod-east' },
          ]),
        },
      })
    for (const url of urls) hubs.set(url, start(url))
    await Promise.all([...hubs.values()].map(({ ready }) => ready))
  }, 120_000)
  afterAll(async () => {
    await balancer.stop()
    await agent.destroy()
    await Promise.all([...hubs.values()].map((hub) => hub.stop()))
    await Promise.all([database.dispose(), identityProvider.stop(), cluster.stop()])
    await rm(folder, { recursive: true, force: true })
  }, 90_000)

  const ask = (path: string, init: { method?: string; body?: unknown } = {}) =>
    fetch(`${balancer.origin}${path}`, {
      method: init.method ?? 'GET',
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'sec-fetch-site': 'same-origin',
        ...(init.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
      redirect: 'manual',
      dispatcher: agent,
    })

  const visit = async (path: string) => {
    const answer = await ask(path)
    await answer.text()
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      if (value === '') cookies.delete(name!)
      else cookies.set(name!, value!)
    }
    return answer
  }

  const signIn = async () => {
    identityProvider.answers.claims = (claims) => ({ ...claims, sub: 'ada', name: 'Ada' })
    const login = await visit('/api/auth/login/oidc')
    const target = new URL(login.headers.get('location')!)
    const parameters = identityProvider.authorize(target)
    const callback = await visit(`/api/auth/callback/oidc?${parameters.toString()}`)
    expect(callback.status).toBe(303)
  }

  test('H38: each is restarted in turn under reads, changes and streams, and not one request fails', async () => {
    await expect.poll(() => balancer.ready.size, { timeout: 60_000 }).toBe(2)
    await signIn()
    const over = new AbortController()
    const failures: string[] = []
    const counts = { reads: 0, changes: 0, streams: 0 }
    const repeat = async (kind: keyof typeof counts, run: (turn: number) => Promise<void>) => {
      for (let turn = 0; !over.signal.aborted; turn += 1) {
        try {
          await run(turn)
          counts[kind] += 1
        } catch (error) {
          const { cause, message } = error as Error
          failures.push(`${kind}: ${message} ${cause instanceof Error ? cause.message : ''}`)
          // One is too many already.
          return
        }
      }
    }
    const expectStatus = async (answer: Awaited<ReturnType<typeof ask>>, ...statuses: number[]) => {
      const text = await answer.text()
      if (!statuses.includes(answer.status)) throw new Error(`${answer.status} ${text}`)
      return text
    }
    const read = async () => {
      const text = await expectStatus(await ask('/api/deployments'), 200)
      const { partial } = DeploymentList.parse(JSON.parse(text))
      if (partial.length > 0) throw new Error(`incomplete: ${JSON.stringify(partial)}`)
      await expectStatus(await ask('/api/auth/me'), 200)
    }
    const change = (name: string) => async (turn: number) => {
      const body = { name: `${name}-${turn}`, spec: { model: { id: 'org/model' } } }
      await expectStatus(await ask(deployments, { method: 'POST', body }), 201)
      await expectStatus(await ask(`${deployments}/${body.name}`, { method: 'DELETE' }), 202, 204)
    }
    const follow = async () => {
      const answer = await ask('/api/stream')
      if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
      const reader = answer.body!.getReader()
      const stop = setInterval(() => {
        if (over.signal.aborted) void reader.cancel()
      }, 100)
      let text = ''
      try {
        for (;;) {
          const { done, value } = (await reader.read()) as { done: boolean; value?: Uint8Array }
          if (done) break
          text += Buffer.from(value!).toString()
        }
      } finally {
        clearInterval(stop)
      }
      // It came to its end, and said when to come back.
      const words = text.match(/^retry: \d+$/gm) ?? []
      if (!over.signal.aborted && words.length < 2)
        throw new Error(`ended with ${JSON.stringify(text.slice(-80))}`)
    }
    // A cluster takes its time, so that there is always something under way.
    await cluster.faults.set({ kind: 'slow', delayMs: 200 })
    const load = [
      repeat('reads', read),
      repeat('reads', read),
      repeat('changes', change('one')),
      repeat('changes', change('two')),
      repeat('streams', follow),
      repeat('streams', follow),
    ]
    try {
      for (const url of urls) {
        const before = { ...counts }
        await hubs.get(url)!.stop()
        const next = start(url)
        hubs.set(url, next)
        await next.ready
        await expect.poll(() => balancer.ready.has(url), { timeout: 60_000 }).toBe(true)
        await expect
          .poll(() => counts.changes > before.changes || failures.length > 0, { timeout: 60_000 })
          .toBe(true)
      }
    } finally {
      over.abort()
    }
    await Promise.all(load)
    await cluster.faults.set(null)
    expect(failures).toEqual([])
    expect(counts.reads).toBeGreaterThan(20)
    expect(counts.changes).toBeGreaterThan(5)
    expect(counts.streams).toBeGreaterThanOrEqual(4)
  }, 240_000)
})
