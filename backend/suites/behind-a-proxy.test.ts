import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createCertificateAuthority,
  createKubeClient,
  issueServerCertificate,
  startApiServer,
  startHub,
  type Cluster,
  type HubProcess,
} from '@hub/demo'
import { DeploymentList, Me } from '@hub/shared'
import { Agent, fetch } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { startBalancer, type Balancer } from '../test/balancer.ts'
import { databases, type TestDatabase } from '../test/databases.ts'
import { readEvents } from '../test/event-stream.ts'
import { findFreePort } from '../test/free-port.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../test/odd-identity-provider.ts'

const deployments = '/api/instances/prod-east/namespaces/ml-team/deployments'

describe('two hub processes on one PostgreSQL behind a TLS proxy', () => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let cluster: Cluster
  let balancer: Balancer
  let folder: string
  let agent: Agent
  let hubs: (HubProcess & { url: string })[] = []
  const cookies = new Map<string, string>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-balanced-'))
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
    await Promise.all([
      writeFile(
        join(credentials, 'prod-east.kubeconfig'),
        cluster.kubeconfig('service-account-token'),
      ),
      writeFile(join(folder, 'authority.pem'), authority.certificate),
    ])
    const ports = [await findFreePort(), await findFreePort()]
    const urls = ports.map((port) => `http://127.0.0.1:${port}`)
    balancer = await startBalancer({ tls, replicas: urls })
    hubs = urls.map((url, index) => ({
      url,
      ...startHub({
        url,
        env: {
          NODE_ENV: 'production',
          HUB_DRAIN_SECONDS: '0',
          NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem'),
          HUB_MODE: 'true',
          HOST: '127.0.0.1',
          PORT: String(ports[index]),
          AUTH_CALLBACK_URL: balancer.origin,
          TRUSTED_PROXIES: '127.0.0.1',
          SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
          DATABASE_URL: database.url,
          CREDENTIALS_PATH: credentials,
          HUB_ALLOW_LOOPBACK_CLUSTERS: 'true',
          ENABLED_AUTH_PROVIDERS: 'oidc',
          OIDC_PROVIDER_ISSUER: identityProvider.issuer,
          OIDC_PROVIDER_CLIENT_ID: identityProvider.clientId,
          OIDC_PROVIDER_CLIENT_SECRET: 'a+secret/with%signs',
          HUB_GRANTS: JSON.stringify([
            { principal: 'oidc:ada', role: 'deployer', instanceId: 'prod-east' },
          ]),
        },
      }),
    }))
    await Promise.all(hubs.map(({ ready }) => ready))
  }, 90_000)
  afterAll(async () => {
    await balancer.stop()
    await agent.destroy()
    await Promise.all(hubs.map((hub) => hub.stop()))
    await Promise.all([database.dispose(), identityProvider.stop(), cluster.stop()])
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  /** A browser at the proxy's address. */
  const ask = async (path: string, init: { method?: string; body?: unknown } = {}) => {
    const response = await fetch(`${balancer.origin}${path}`, {
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
    for (const line of response.headers.getSetCookie()) {
      expect(line).toMatch(/; Secure/i)
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      if (value === '') cookies.delete(name!)
      else cookies.set(name!, value!)
    }
    return response
  }
  const servedBy = (response: { headers: { get(name: string): string | null } }) =>
    response.headers.get('x-served-by')

  test('a person signs in: each step at another process', async () => {
    const login = await ask('/api/auth/login/oidc?return_to=/deployments')
    expect(login.status).toBe(302)
    const target = new URL(login.headers.get('location')!)
    expect(target.searchParams.get('redirect_uri')).toBe(
      `${balancer.origin}/api/auth/callback/oidc`,
    )
    identityProvider.answers.claims = (claims) => ({ ...claims, sub: 'ada', name: 'Ada' })
    const parameters = identityProvider.authorize(target)
    const callback = await ask(`/api/auth/callback/oidc?${parameters.toString()}`)
    expect(callback.status).toBe(303)
    expect(callback.headers.get('location')).toBe(`${balancer.origin}/deployments`)
    expect(servedBy(callback)).not.toBe(servedBy(login))
    expect([...cookies.keys()].every((name) => name.startsWith('__Host-'))).toBe(true)

    const answers = [await ask('/api/auth/me'), await ask('/api/auth/me')]
    expect(new Set(answers.map(servedBy)).size).toBe(2)
    for (const answer of answers) {
      expect(Me.parse(await answer.json())).toMatchObject({ principal: 'oidc:ada' })
    }
    const [row] = await selectAuditRows(database.db, 1)
    expect(row).toMatchObject({ action: 'auth.sign-in', ip: '127.0.0.1' })
  })

  test('is served: what one process creates is seen live at the other, and in both lists', async () => {
    await expect.poll(async () => (await ask('/api/instances/prod-east')).status).toBe(200)
    const streams = [await ask('/api/stream'), await ask('/api/stream')]
    expect(new Set(streams.map(servedBy)).size).toBe(2)
    const readers = streams.map((response) => readEvents(response))
    const body = { name: 'llama', spec: { model: { id: 'meta-llama/Llama-3.1-8B-Instruct' } } }
    await expect
      .poll(async () => (await ask(deployments, { method: 'POST', body })).status, {
        timeout: 20_000,
      })
      .toBe(201)
    for (const { events } of readers) {
      await expect
        .poll(() => events, { timeout: 20_000 })
        .toContainEqual(
          expect.objectContaining({
            type: 'deployment',
            deployment: expect.objectContaining({ name: 'llama' }) as unknown,
          }),
        )
    }
    await Promise.all(readers.map((reader) => reader.close()))
    for (let turn = 0; turn < 2; turn += 1) {
      const list = DeploymentList.parse(await (await ask('/api/deployments')).json())
      expect(list.items.map(({ name }) => name)).toEqual(['llama'])
    }
  })

  test('goes on when one process ends, and is signed out of all at once', async () => {
    const [first, second] = hubs
    await first!.stop()
    for (let turn = 0; turn < 6; turn += 1) {
      const answer = await ask('/api/deployments')
      expect([answer.status, servedBy(answer)]).toEqual([200, second!.url])
    }
    const session = new Map(cookies)
    expect((await ask('/api/auth/logout', { method: 'POST' })).status).toBe(200)
    for (const [name, value] of session) cookies.set(name, value)
    expect((await ask('/api/auth/me')).status).toBe(401)
  })
})
