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
  type Cluster,
  type HubProcess,
} from '@hub/demo'
import { Agent, fetch } from 'undici'
import { startBalancer } from './balancer.ts'
import { databases } from './databases.ts'
import { findFreePort } from './free-port.ts'
import { startOddIdentityProvider } from './odd-identity-provider.ts'

export type BalancedHubs = Awaited<ReturnType<typeof startBalancedHubs>>
type Options = { env?: Record<string, string>; probes?: boolean }

/**
 * Two hub processes in production on one PostgreSQL, behind a proxy that ends TLS; one cluster, `prod-east`, on which
 * `oidc:ada` may deploy to the namespace `ml-team`. With `probes` the proxy asks their readiness.
 */
export async function startBalancedHubs({ env = {}, probes = false }: Options = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'hub-balanced-'))
  const authority = await createCertificateAuthority('A private authority')
  const tls = await issueServerCertificate(authority)
  const agent = new Agent({ connect: { ca: authority.certificate } })
  const [database, identityProvider, cluster] = await Promise.all([
    databases[1].open(),
    startOddIdentityProvider({ tls }),
    startApiServer() as Promise<Cluster & Pick<ApiServer, 'faults'>>,
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
  const ports = [await findFreePort(), await findFreePort()]
  const urls = ports.map((port) => `http://127.0.0.1:${port}`)
  const balancer = await startBalancer({ tls, replicas: urls, probes })
  const hubs = new Map<string, HubProcess>()
  const start = (url: string) => {
    const hub = startHub({
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
        ENABLED_AUTH_PROVIDERS: 'oidc',
        OIDC_PROVIDER_ISSUER: identityProvider.issuer,
        OIDC_PROVIDER_CLIENT_ID: identityProvider.clientId,
        OIDC_PROVIDER_CLIENT_SECRET: 'a+secret/with%signs',
        HUB_GRANTS: JSON.stringify([
          { principal: 'oidc:ada', role: 'deployer', instanceId: 'prod-east' },
        ]),
        ...env,
      },
    })
    hubs.set(url, hub)
    return hub.ready
  }
  const stop = async () => {
    await balancer.stop()
    await agent.destroy()
    await Promise.all([...hubs.values()].map((hub) => hub.stop()))
    await Promise.all([database.dispose(), identityProvider.stop(), cluster.stop()])
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await Promise.all(urls.map(start))
  } catch (error) {
    await stop()
    throw error
  }
  const cookies = new Map<string, string>()
  /** As a browser at the proxy's address; its cookies are kept by `keepCookies`. */
  const ask = (path: string, { body, method = 'GET' }: { method?: string; body?: unknown } = {}) =>
    fetch(`${balancer.origin}${path}`, {
      method,
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'sec-fetch-site': 'same-origin',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: 'manual',
      dispatcher: agent,
    })
  return {
    balancer,
    cluster,
    database,
    identityProvider,
    urls,
    cookies,
    ask,
    keepCookies: (lines: readonly string[]) => {
      for (const line of lines) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
        if (value === '') cookies.delete(name!)
        else cookies.set(name!, value!)
      }
    },
    /** Starts one again; resolves when it is ready. */
    start,
    stopOne: (url: string) => hubs.get(url)!.stop(),
    stop,
  }
}
