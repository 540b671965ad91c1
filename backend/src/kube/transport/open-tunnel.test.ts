import { setDefaultCACertificates, getCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCertificateAuthority, issueServerCertificate, type Cluster } from '@hub/demo'
import { stringify } from 'yaml'
import { clusterKinds } from '../../../test/clusters.ts'
import { startConnectProxy, withProxy, type ConnectProxy } from '../../../test/connect-proxy.ts'
import { findFreePort } from '../../../test/free-port.ts'
import { createLogger } from '#log'
import { ClusterError } from '../cluster-error.ts'
import { discoverCluster } from '../discover-cluster.ts'
import { kubePath } from '../kube-path.ts'
import type { ClusterCredential } from '../cluster-credential.ts'
import { parseKubeconfig } from '../parse-kubeconfig.ts'
import { startTestServer } from '../../../test/https-server.ts'
import { toAppError } from '../to-app-error.ts'
import { createTransport } from './create-transport.ts'
import type { TransportLimits } from './transport.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const path = kubePath('api', 'v1', 'namespaces')
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

describe.each(clusterKinds)('a cluster behind a proxy: $kind', ({ skip, start }) => {
  describe.skipIf(skip)('it', () => {
    let cluster: Cluster
    let proxy: ConnectProxy

    beforeAll(async () => {
      cluster = await start()
    })

    afterAll(() => cluster?.stop())

    beforeEach(async () => {
      proxy = await startConnectProxy({ user: 'hub', password: 'p@ss:w%rd' })
      cleanups.push(proxy.stop)
    })

    it.each(['client-certificate', 'service-account-token'] as const)(
      'is asked, watched and left with a %s, and the proxy learns nothing',
      async (authentication) => {
        const { credential, transport } = connect(
          cluster.kubeconfig(authentication),
          proxy,
          'hub:p%40ss%3Aw%25rd@',
        )
        const facts = await discoverCluster(transport)
        expect(facts.apiGroup).toBe('airunway.ai')
        const stop = new AbortController()
        const { body } = await transport.request<{ metadata: { resourceVersion: string } }>({
          method: 'GET',
          path,
        })
        let opened = () => {}
        const isOpen = new Promise<void>((resolve) => (opened = resolve))
        const watched = (async () => {
          const { resourceVersion } = body.metadata
          const query = { resourceVersion }
          const events = transport.watch({ path, query, signal: stop.signal, onOpen: opened })
          for await (const event of events) return event.object.metadata?.name
        })()
        await isOpen
        const admin = connect(
          cluster.kubeconfig('client-certificate'),
          proxy,
          'hub:p%40ss%3Aw%25rd@',
        )
        await admin.transport.request({
          method: 'POST',
          path,
          body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `by-${authentication}` } },
        })
        expect(await watched).toBe(`by-${authentication}`)
        const { host } = new URL(cluster.url)
        expect(new Set(proxy.asked)).toEqual(new Set([host]))
        expect(proxy.passed()).not.toMatch(/HTTP\/1\.1|namespaces|airunway/)
        expect(proxy.passed()).not.toContain(credential.token ?? 'Bearer')
        await transport.close({ graceMs: 100 })
        await admin.transport.close({ graceMs: 100 })
        await expect.poll(proxy.open).toBe(0)
      },
    )

    it('is refused by the certificate it has, not by that of the proxy', async () => {
      const other = await createCertificateAuthority('another')
      const { credential } = connect(cluster.kubeconfig('client-certificate'), proxy, 'hub:x@')
      const error = await ask({
        ...credential,
        ca: other.certificate,
        proxyUrl: proxy.origin.replace('//', '//hub:p%40ss%3Aw%25rd@'),
      })
      expect(error.kind).toBe('tls')
    })
  })
})

describe('the way through a proxy', () => {
  it('keeps connections for requests that follow one another', async () => {
    const { credential, proxy } = await startBoth()
    const transport = createTransport(credential, { version: '1', addresses: loopback })
    cleanups.push(() => transport.close({ graceMs: 100 }))
    for (let i = 0; i < 20; i += 1) await transport.request({ method: 'GET', path })
    expect(proxy.asked.length).toBeLessThanOrEqual(2)
  })

  it('works with an https proxy that Node trusts, and not with another', async () => {
    const authority = await createCertificateAuthority('proxy')
    const tls = await issueServerCertificate(authority)
    const { credential, proxy } = await startBoth({ tls })
    const untrusted = await ask(credential)
    expect(untrusted).toMatchObject({
      kind: 'proxy',
      message: 'is behind a proxy that has a certificate that no CA trusted for it has signed',
    })
    const trusted = getCACertificates('default')
    setDefaultCACertificates([...trusted, authority.certificate])
    cleanups.push(() => setDefaultCACertificates(trusted))
    const transport = createTransport(credential, { version: '1', addresses: loopback })
    cleanups.push(() => transport.close({ graceMs: 100 }))
    expect((await transport.request({ method: 'GET', path })).status).toBe(200)
    await transport.close({ graceMs: 100 })
    await expect.poll(proxy.open).toBe(0)
  })

  it.each([
    [
      'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n',
      /refused its user name and password, or asks for one$/,
    ],
    ['HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n', /does not let the hub connect to it$/],
    ['HTTP/1.1 502 Bad Gateway\r\n\r\n', /cannot reach it \(HTTP status 502\)$/],
    [
      'HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n',
      /refused to connect to it \(HTTP status 302\)$/,
    ],
    ['HTTP/1.1 200 OK\r\n\r\nhello', /sent more than its answer$/],
    ['s3cret nonsense\r\n\r\n', /did not answer in HTTP$/],
    ['', /closed the connection$/],
    ['silence', /did not answer in time$/],
  ])('says what is wrong when the proxy answers %j', async (answer, sentence) => {
    const { credential, proxy } = await startBoth()
    proxy.answers.instead = answer
    const error = await ask(credential, { connectTimeoutMs: 300 })
    expect(error.kind).toBe('proxy')
    expect(error.message).toMatch(sentence)
    expect(error.message).toMatch(/^is behind a proxy that /)
    const shown = toAppError(error, { instance: 'prod-east' })
    expect(shown).toMatchObject({ code: 'instance-unreachable' })
    expect(shown.detail).toMatch(
      /^Instance "prod-east" is behind a proxy that .* "proxy-url" in its/,
    )
  })

  it('says that the proxy is gone, and that its name is unknown', async () => {
    const { credential } = await startBoth()
    const gone = await ask({ ...credential, proxyUrl: `http://127.0.0.1:${await findFreePort()}/` })
    expect(gone).toMatchObject({
      kind: 'proxy',
      message: 'is behind a proxy that refused the connection',
    })
    const unknown = await ask({ ...credential, proxyUrl: 'http://nowhere.invalid:3128/' })
    expect(unknown.kind).toBe('proxy')
  })

  it('never leads the hub itself to a forbidden address', async () => {
    const { credential, proxy } = await startBoth()
    const strict = { allowLoopback: false }
    // The server is judged by its own name: who resolves it is the proxy.
    const server = 'https://cluster.example:6443'
    const literal = await ask({ ...credential, server }, {}, strict)
    expect(literal.kind).toBe('blocked-address')
    const named = await ask(
      { ...credential, server, proxyUrl: 'http://proxy.example:3128/' },
      {},
      strict,
      (_, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    )
    expect(named).toMatchObject({
      kind: 'blocked-address',
      message:
        'is behind a proxy that resolves to a loopback address, which the hub does not connect to',
    })
    expect(proxy.asked).toEqual([])
  })

  it("keeps the proxy's password out of errors and the log", async () => {
    const lines: string[] = []
    const log = createLogger('trace', { write: (line) => void lines.push(line) })
    const { credential, proxy } = await startBoth()
    const proxyUrl = proxy.origin.replace('//', '//some-user:pr0xy-s3cret@')
    const pair = Buffer.from('some-user:pr0xy-s3cret').toString('base64')
    for (const instead of [
      `HTTP/1.1 407 some-user:pr0xy-s3cret ${pair}\r\n\r\n`,
      `some-user:pr0xy-s3cret ${pair}`,
      `HTTP/1.1 200 OK\r\n\r\nsome-user:pr0xy-s3cret ${pair}`,
    ]) {
      proxy.answers.instead = instead
      const error = await ask({ ...credential, proxyUrl })
      log.error({ error, shown: toAppError(error, { instance: 'a' }) }, 'failed')
    }
    const refused = parseKubeconfig(withProxy(stringify(kubeconfigNowhere), proxyUrl), {
      allowLoopback: true,
      allowInsecureTls: false,
    })
    log.warn({ refused }, 'refused')
    expect(lines).toHaveLength(4)
    expect(lines.join()).not.toMatch(/pr0xy-s3cret|some-user/)
    expect(lines.join()).not.toContain(pair)
  })
})

const loopback = { allowLoopback: true }

const kubeconfigNowhere = {
  'current-context': 'x',
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  clusters: [{ name: 'c', cluster: { server: 'https://cluster.example' } }],
  users: [{ name: 'u', user: { token: 't' } }],
}

/** A server of the wire, and a proxy before it. */
async function startBoth(options: Parameters<typeof startConnectProxy>[0] = {}) {
  const server = await startTestServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  cleanups.push(server.stop)
  const proxy = await startConnectProxy(options)
  cleanups.push(proxy.stop)
  return { proxy, credential: { ...server.credential, proxyUrl: `${proxy.origin}/` } }
}

async function ask(
  credential: ClusterCredential,
  limits: Partial<TransportLimits> = {},
  addresses = loopback,
  resolve?: NonNullable<Parameters<typeof createTransport>[1]['resolve']>,
): Promise<ClusterError> {
  const options = { version: '1', addresses, limits, ...(resolve && { resolve }) }
  const transport = createTransport(credential, options)
  cleanups.push(() => transport.close({ graceMs: 100 }))
  const error: unknown = await transport
    .request({ method: 'GET', path })
    .catch((thrown: unknown) => thrown)
  if (!(error instanceof ClusterError)) throw new Error('it answered')
  return error
}

function connect(kubeconfig: string, { origin }: ConnectProxy, userInfo: string) {
  const parsed = parseKubeconfig(withProxy(kubeconfig, origin.replace('//', `//${userInfo}`)), {
    allowLoopback: true,
    allowInsecureTls: false,
    clusterProxies: new Set([origin]),
  })
  if (!parsed.ok) throw new Error(parsed.reason)
  const { credential } = parsed
  const transport = createTransport(credential, { version: '1', addresses: loopback })
  cleanups.push(() => transport.close({ graceMs: 100 }))
  return { credential, transport }
}
