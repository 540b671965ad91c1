import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { kubePath } from '../kube-path.ts'
import type { WatchEvent } from '../objects.ts'
import type { ClusterCredential } from '../cluster-credential.ts'
import { failure } from '../../../test/cluster-failure.ts'
import { startTestServer } from '../../../test/https-server.ts'
import { createTransport } from './create-transport.ts'
import type { Transport, TransportLimits } from './transport.ts'

const path = kubePath('api', 'v1', 'namespaces')
const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

describe('createTransport', () => {
  it('sends the credential and nothing else of its own', async () => {
    const seen: IncomingMessage[] = []
    const { transport } = await start((request, response) => {
      seen.push(request)
      answer(response, 200, { ok: true }, { 'audit-id': 'hub-abc' })
    })
    const response = await transport.request({
      method: 'GET',
      path,
      query: { limit: 5, continue: undefined, labelSelector: 'a=b&c' },
      requestId: 'abc',
    })
    expect(response).toEqual({ status: 200, body: { ok: true }, auditId: 'hub-abc', warnings: [] })
    expect(seen[0]!.url).toBe('/api/v1/namespaces?limit=5&labelSelector=a%3Db%26c')
    const { host: _, ...headers } = seen[0]!.headers
    expect(headers).toEqual({
      accept: 'application/json',
      'audit-id': 'hub-abc',
      authorization: 'Bearer s3cret-token',
      connection: 'keep-alive',
      'user-agent': 'kubeairunway-hub/1.2.3',
    })
  })

  it('passes on what the cluster says of what it did all the same', async () => {
    const words = Buffer.from('299 - "größer als \\"4\\""', 'utf8').toString('latin1')
    const { transport } = await start((_, response) => {
      response.setHeader('warning', ['299 - "unknown field"', words])
      answer(response, 201, {})
    })
    const { warnings } = await transport.request({ method: 'POST', path, body: {} })
    expect(warnings).toEqual(['unknown field', 'größer als "4"'])
  })

  it('takes a new token on the connections it has, and ends watches that used the old one', async () => {
    const tokens: (string | undefined)[] = []
    const { connections, credential, transport } = await start(
      (request, response) => {
        tokens.push(request.headers.authorization)
        if (!request.url!.includes('watch')) return answer(response, 200, {})
        response.writeHead(200, { 'content-type': 'application/json' })
        response.write(`${JSON.stringify({ type: 'BOOKMARK', object: {} })}\n`)
      },
      {},
      { streamRenewalMs: 50 },
    )
    await transport.request({ method: 'GET', path })
    const watched = (async () => {
      const events: WatchEvent[] = []
      for await (const moment of transport.watch({ path })) {
        events.push(moment)
        expect(transport.renew({ ...credential, token: 'renewed' })).toBe(true)
      }
      return events
    })()
    expect(await watched).toHaveLength(1)
    await transport.request({ method: 'GET', path })
    expect(tokens).toEqual(['Bearer s3cret-token', 'Bearer s3cret-token', 'Bearer renewed'])
    expect(connections()).toBe(2)
  })

  it('watches on the connection that the list before came over', async () => {
    const { connections, transport } = await start((request, response) => {
      if (!request.url!.includes('watch')) return answer(response, 200, { items: [] })
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify({ type: 'BOOKMARK', object: {} })}\n`)
    })
    await transport.request({ method: 'GET', path, isList: true })
    for await (const { type } of transport.watch({ path })) expect(type).toBe('BOOKMARK')
    expect(connections()).toBe(1)
  })

  it('is not renewed by a credential that differs in more than its token', async () => {
    const { credential, transport } = await start((_, response) => answer(response, 200, {}))
    expect(transport.renew({ ...credential, server: 'https://127.0.0.1:1' })).toBe(false)
    expect(transport.renew({ ...credential, ca: null })).toBe(false)
    expect(transport.renew({ ...credential, proxyUrl: 'http://proxy.example/' })).toBe(false)
    expect(transport.renew({ ...credential, token: null })).toBe(false)
  })

  it('acts for a person with one header line per group', async () => {
    const seen: string[][] = []
    const { transport } = await start((request, response) => {
      const pairs = request.rawHeaders.join('\n').matchAll(/^(impersonate-.*)\n(.*)$/gim)
      seen.push([...pairs].map(([, name, value]) => `${name}: ${value}`))
      answer(response, 200, {})
    })
    const impersonate = { user: 'hub:oidc:ada', groups: ['hub:deployer', 'hub:viewer'] }
    await transport.request({ method: 'GET', path, impersonate })
    await transport.request({ method: 'GET', path, impersonate: { ...impersonate, groups: [] } })
    await transport.request({ method: 'GET', path })
    expect(seen).toEqual([
      [
        'impersonate-user: hub:oidc:ada',
        'impersonate-group: hub:deployer',
        'impersonate-group: hub:viewer',
      ],
      ['impersonate-user: hub:oidc:ada'],
      [],
    ])
  })

  it.each([
    { user: '', groups: [] },
    { user: ' ', groups: [] },
    { user: '\t', groups: ['hub:viewer'] },
    { user: 'hub:a b', groups: [] },
    { user: 'hub:a\r\nImpersonate-Group: system:masters', groups: [] },
    { user: 'hub:zoë', groups: [] },
    { user: 'system:admin', groups: [] },
    { user: 'System:serviceaccount:a:b', groups: [] },
    { user: 'hub:a', groups: [''] },
    { user: 'hub:a', groups: ['hub:viewer', 'system:masters'] },
    { user: 'hub:a', groups: ['SYSTEM:authenticated'] },
    { user: 'hub:a', groups: [' system:masters'] },
  ])('refuses to act for %j before a socket opens', async (impersonate) => {
    const { connections, transport } = await start((_, response) => answer(response, 200, {}))
    const error = await failure(transport.request({ method: 'GET', path, impersonate }))
    expect(error.kind).toBe('forbidden')
    expect(connections()).toBe(0)
  })

  it('sends a body as JSON of the given type', async () => {
    let text = ''
    let type: string | undefined
    const { transport } = await start((request, response) => {
      type = request.headers['content-type']
      request.on('data', (chunk: Buffer) => (text += chunk.toString()))
      request.on('end', () => answer(response, 201, {}))
    })
    const body = { a: 'ä' }
    await transport.request({ method: 'POST', path, body })
    expect([type, text]).toEqual(['application/json', '{"a":"ä"}'])
    await transport.request({
      method: 'PATCH',
      path,
      body,
      contentType: 'application/merge-patch+json',
    })
    expect(type).toBe('application/merge-patch+json')
  })

  it('keeps its connections for requests that follow one another', async () => {
    const { connections, transport } = await start((_, response) => answer(response, 200, {}))
    for (let i = 0; i < 20; i += 1) await transport.request({ method: 'GET', path })
    // The next request may start before the last answer's connection is back in the pool.
    expect(connections()).toBeLessThanOrEqual(2)
  })

  it('prefixes the path of a server behind a path', async () => {
    let url: string | undefined
    const { credential } = await start((request, response) => {
      url = request.url
      answer(response, 200, {})
    })
    const transport = open({ ...credential, server: `${credential.server}/k8s/c-1` })
    await transport.request({ method: 'GET', path })
    expect(url).toBe('/k8s/c-1/api/v1/namespaces')
  })

  it('asks the server by its tls-server-name', async () => {
    let servername: unknown
    const { credential, server } = await start((_, response) => answer(response, 200, {}), {
      dnsNames: ['kubernetes.example'],
    })
    server.on('secureConnection', (socket: { servername?: unknown }) => {
      servername = socket.servername
    })
    await open({ ...credential, tlsServerName: 'kubernetes.example' }).request({
      method: 'GET',
      path,
    })
    expect(servername).toBe('kubernetes.example')
    const error = await failure(
      open({ ...credential, tlsServerName: 'other.example' }).request({ method: 'GET', path }),
    )
    expect(error).toMatchObject({ kind: 'tls', message: 'has a certificate for another name' })
  })

  it('H42: a tls-server-name that is an address is checked against the certificate, and never sent', async () => {
    let servername: unknown = 'nothing came'
    const { credential, server } = await start((_, response) => answer(response, 200, {}), {
      dnsNames: ['kubernetes.example'],
    })
    server.on('secureConnection', (socket: { servername?: unknown }) => {
      servername = socket.servername
    })
    const address = credential.server.replace('127.0.0.1', 'localhost')
    const at = (tlsServerName: string) =>
      open({ ...credential, server: address, tlsServerName }).request({ method: 'GET', path })
    await at('127.0.0.1')
    expect(servername).toBe(false)
    const error = await failure(at('192.0.2.7'))
    expect(error).toMatchObject({ kind: 'tls', message: 'has a certificate for another name' })
  })

  it('refuses a server whose certificate another CA signed', async () => {
    const { credential } = await start((_, response) => answer(response, 200, {}))
    const { credential: other } = await start((_, response) => answer(response, 200, {}))
    const error = await failure(
      open({ ...credential, ca: other.ca }).request({ method: 'GET', path }),
    )
    expect(error.kind).toBe('tls')
    expect(error.message).toMatch(/no CA trusted for it has signed/)
  })

  it('does not check the certificate where that was allowed', async () => {
    const { credential } = await start((_, response) => answer(response, 200, {}))
    const transport = open({ ...credential, ca: null, verifyTls: false })
    expect((await transport.request({ method: 'GET', path })).status).toBe(200)
  })

  it('closes connections that nothing uses, whatever the server promises', async () => {
    const { connections, server, transport } = await start(
      (_, response) => answer(response, 200, {}, { 'keep-alive': 'timeout=600' }),
      {},
      { idleMs: 1_000 },
    )
    await Promise.all([1, 2, 3].map(() => transport.request({ method: 'GET', path })))
    expect(connections()).toBe(3)
    const countOpen = () =>
      new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)))
    await expect.poll(countOpen, { timeout: 20_000 }).toBe(0)
  })

  it('says that a plain server is no TLS server, and a closed port refused', async () => {
    const plain = createServer((socket) => {
      socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    const { credential } = await start(() => {})
    const { port } = plain.address() as AddressInfo
    const server = `https://127.0.0.1:${port}`
    expect(
      (await failure(open({ ...credential, server }).request({ method: 'GET', path }))).kind,
    ).toBe('tls')
    await new Promise((resolve) => plain.close(resolve))
    expect(
      (await failure(open({ ...credential, server }).request({ method: 'GET', path }))).kind,
    ).toBe('refused')
  })

  it.each(['127.0.0.1', 'localhost'])(
    'does not connect to %s where loopback is not allowed',
    async (host) => {
      const { connections, credential } = await start((_, response) => answer(response, 200, {}))
      const server = credential.server.replace('127.0.0.1', host)
      const transport = open({ ...credential, server }, {}, false)
      const error = await failure(transport.request({ method: 'GET', path }))
      expect(error.kind).toBe('blocked-address')
      expect(connections()).toBe(0)
    },
  )

  it('does not follow a name to an address where it may not connect', async () => {
    const { connections, credential } = await start((_, response) => answer(response, 200, {}), {
      dnsNames: ['cluster.example'],
    })
    const server = credential.server.replace('127.0.0.1', 'cluster.example')
    const connect = (allowLoopback: boolean, ...found: string[]) => {
      const transport = createTransport(
        { ...credential, server },
        {
          version: '1',
          addresses: { allowLoopback },
          resolve: (_name, _options, callback) =>
            callback(
              null,
              found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
            ),
        },
      )
      cleanups.push(() => transport.close({ graceMs: 0 }))
      return transport.request({ method: 'GET', path })
    }
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '0.0.0.0', '169.254.169.254']) {
      expect((await failure(connect(false, address))).kind).toBe('blocked-address')
    }
    expect((await failure(connect(true, '169.254.169.254', 'fe80::1'))).kind).toBe(
      'blocked-address',
    )
    expect((await failure(connect(true))).kind).toBe('blocked-address')
    expect(connections()).toBe(0)
    // What is left of a name's addresses may be used.
    expect((await connect(true, '169.254.169.254', '127.0.0.1')).status).toBe(200)
  })

  it('says that a name cannot be resolved', async () => {
    const { credential } = await start(() => {})
    const transport = open({ ...credential, server: 'https://no-such-cluster.invalid' })
    expect((await failure(transport.request({ method: 'GET', path }))).kind).toBe('dns')
  })

  it.each([
    [400, 'bad-request'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [409, 'conflict'],
    [410, 'gone'],
    [418, 'bad-request'],
    [422, 'invalid'],
    [429, 'throttled'],
    [500, 'server'],
    [503, 'server'],
    [504, 'timeout'],
  ])('maps %i to %s even without a Status', async (status, kind) => {
    const { transport } = await start((_, response) => {
      response
        .writeHead(status, { 'content-type': 'text/html', 'retry-after': '7' })
        .end('<h1>no</h1>')
    })
    const error = await failure(transport.request({ method: 'GET', path }))
    expect(error).toMatchObject({ kind, status, retryAfterSeconds: 7 })
    expect(error.message).toBe(`answered with HTTP status ${status}`)
  })

  it('follows no redirect', async () => {
    let asked = 0
    const { transport } = await start((_, response) => {
      asked += 1
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    const error = await failure(transport.request({ method: 'GET', path }))
    expect([error.kind, asked]).toEqual(['protocol', 1])
  })

  it.each(['<html>', '', 'null', '[]', '"text"'])('refuses a success that is %j', async (text) => {
    const { transport } = await start((_, response) => response.end(text))
    expect((await failure(transport.request({ method: 'GET', path }))).kind).toBe('protocol')
  })

  it('refuses a body beyond its bound, and lets a list be larger', async () => {
    const { transport } = await start(
      (_, response) => answer(response, 200, { x: 'x'.repeat(2000) }),
      {},
      {
        bodyBytesMax: 1000,
        listBytesMax: 4000,
      },
    )
    const error = await failure(transport.request({ method: 'GET', path }))
    expect(error).toMatchObject({ kind: 'protocol', message: 'answered with more than 1000 bytes' })
    expect((await transport.request({ method: 'GET', path, isList: true })).status).toBe(200)
  })

  it('H1: reads a list item by item, however large it is, within the bound of the request', async () => {
    const items = Array.from({ length: 2_000 }, (_, index) => ({ index, text: 'x'.repeat(100) }))
    const { transport } = await start((_request, response) =>
      answer(response, 200, { metadata: { resourceVersion: '5' }, items }),
    )
    const seen: unknown[] = []
    const list = { method: 'GET', path, isList: true } as const
    const onItem = (item: unknown) => void seen.push(item)
    const { body } = await transport.request({ ...list, onItem, bytesMax: 1_000_000 })
    expect(body).toEqual({ metadata: { resourceVersion: '5' }, items: [] })
    expect(seen).toEqual(items)
    await expect(transport.request({ ...list, onItem, bytesMax: 1024 })).rejects.toMatchObject({
      kind: 'too-much',
      message: 'answers a list with more than 1 KiB',
    })
  })

  it('H5: opens no connection beyond its share, says so, and gives back what it closed', async () => {
    const server = await startTestServer((_request, response) => answer(response, 200, {}))
    cleanups.push(server.stop)
    let left = 1
    const sockets = {
      take: () => {
        if (left === 0) return null
        left -= 1
        return () => void (left += 1)
      },
    }
    const transport = createTransport(server.credential, {
      version: '1.2.3',
      addresses: { allowLoopback: true },
      sockets,
    })
    const ask = () => transport.request({ method: 'GET', path })
    const outcomes = await Promise.all([ask(), ask().catch((error: unknown) => error)])
    expect(outcomes[1]).toMatchObject({ kind: 'no-descriptor' })
    // The pool takes a connection back one turn later.
    await new Promise((resolve) => setImmediate(resolve))
    expect((await ask()).status).toBe(200)
    await transport.close()
    await expect.poll(() => left).toBe(1)
  })

  it('H1: keeps the status of a refusal whose words never end', async () => {
    const { transport } = await start((_request, response) => {
      response.writeHead(503)
      response.end('x'.repeat(1_000_000))
    })
    const error = await failure(transport.request({ method: 'GET', path }))
    expect(error).toMatchObject({ kind: 'server', status: 503 })
  })

  it('keeps its token out of errors that repeat it', async () => {
    const { transport } = await start((request, response) => {
      answer(response, 403, {
        kind: 'Status',
        reason: 'Forbidden',
        message: `no: ${request.headers.authorization} at https://me:pw@host/x`,
      })
    })
    const error = await failure(transport.request({ method: 'GET', path }))
    expect(error.message).toBe('no: Bearer [redacted] at https://host/x')
  })

  it('ends a request that takes too long, waiting included', async () => {
    const { transport } = await start(() => {}, {}, { connections: 1 })
    const startedAt = performance.now()
    const errors = await Promise.all(
      [1, 2, 3].map(() => failure(transport.request({ method: 'GET', path, timeoutMs: 200 }))),
    )
    expect(errors.map(({ kind }) => kind)).toEqual(['timeout', 'timeout', 'timeout'])
    expect(performance.now() - startedAt).toBeLessThan(10_000)
  })

  it('ends a request when the caller is gone', async () => {
    let closed = false
    const { transport } = await start((request) => {
      request.socket.on('close', () => (closed = true))
    })
    const caller = new AbortController()
    const error = failure(transport.request({ method: 'GET', path, signal: caller.signal }))
    setTimeout(() => caller.abort(), 50)
    expect((await error).kind).toBe('aborted')
    await expect.poll(() => closed).toBe(true)
  })

  it('has at most its number of requests in flight, and the rest wait', async () => {
    let inFlight = 0
    let most = 0
    const { transport } = await start(
      (_, response) => {
        inFlight += 1
        most = Math.max(most, inFlight)
        setTimeout(() => {
          inFlight -= 1
          answer(response, 200, {})
        }, 30)
      },
      {},
      { connections: 3 },
    )
    await Promise.all(Array.from({ length: 12 }, () => transport.request({ method: 'GET', path })))
    expect(most).toBe(3)
  })

  it('refuses at once what would wait behind too many others', async () => {
    const { credential } = await start(() => {})
    const transport = open(credential, { connections: 1, queue: 2, requestTimeoutMs: 300 })
    const waiting = [1, 2, 3].map(() => failure(transport.request({ method: 'GET', path })))
    const error = await failure(transport.request({ method: 'GET', path }))
    expect(error).toMatchObject({ kind: 'throttled', retryAfterSeconds: 1 })
    for (const each of await Promise.all(waiting)) expect(each.kind).toBe('timeout')
    expect((await failure(transport.request({ method: 'GET', path }))).kind).toBe('timeout')
  })

  it('does not touch the network of a cluster that is down, but for a probe', async () => {
    const { credential, server } = await start((_, response) => answer(response, 200, {}))
    let tried = 0
    server.on('connection', () => (tried += 1))
    const transport = open({ ...credential, ca: null })
    for (let i = 0; i < 5; i += 1) await failure(transport.request({ method: 'GET', path }))
    expect(tried).toBe(5)
    const error = await failure(transport.request({ method: 'GET', path }))
    expect(error).toMatchObject({ kind: 'tls', message: expect.stringMatching(/certificate/) })
    await failure(transport.watch({ path }).next())
    expect(tried).toBe(5)
    await failure(transport.request({ method: 'GET', path, isProbe: true }))
    expect(tried).toBe(6)
  })

  it('asks again when a kept connection was closed under a read, never under a write', async () => {
    let asked = 0
    const { transport } = await start((request, response) => {
      asked += 1
      if (asked === 2) request.socket.destroy()
      else answer(response, 200, { asked })
    })
    await transport.request({ method: 'GET', path })
    expect((await transport.request({ method: 'GET', path })).body).toEqual({ asked: 3 })
    asked = 1
    expect((await failure(transport.request({ method: 'POST', path, body: {} }))).kind).toBe(
      'refused',
    )
    expect(asked).toBe(2)
  })

  it('asks again for a dry run, and past several kept connections that are closed, but not for ever', async () => {
    let asked = 0
    let cut = 3
    const { transport } = await start((request, response) => {
      asked += 1
      if (asked <= cut) request.socket.destroy()
      else answer(response, 200, { asked })
    })
    const dryRun = { method: 'POST', path, body: {}, query: { dryRun: 'All' } } as const
    expect((await transport.request(dryRun)).body).toEqual({ asked: 4 })
    ;[asked, cut] = [0, 4]
    expect((await failure(transport.request(dryRun))).kind).toBe('refused')
    expect(asked).toBe(4)
  })

  it('lets what is in flight finish when it is closed, and takes nothing new', async () => {
    const arrived = Promise.withResolvers<() => void>()
    const { transport } = await start((_, response) => {
      arrived.resolve(() => answer(response, 200, { done: true }))
    })
    const running = transport.request({ method: 'GET', path })
    const finish = await arrived.promise
    const closed = transport.close()
    expect((await failure(transport.request({ method: 'GET', path }))).kind).toBe('aborted')
    finish()
    expect((await running).body).toEqual({ done: true })
    await closed
  })

  it.each(['GET', 'POST'] as const)(
    'lets what has just begun finish when it is closed: %s',
    async (method) => {
      const { transport } = await start((_, response) => answer(response, 200, { done: true }))
      const running = transport.request({ method, path })
      await transport.close()
      expect((await running).body).toEqual({ done: true })
    },
  )

  it('cuts off what outlives the grace', async () => {
    const arrived = Promise.withResolvers<void>()
    const { transport } = await start(() => arrived.resolve())
    const running = failure(transport.request({ method: 'GET', path }))
    await arrived.promise
    await transport.close({ graceMs: 50 })
    expect((await running).kind).toBe('aborted')
  })
})

describe.each([
  ['HTTP/1.1', {}],
  ['HTTP/2', { http2: {} }],
] as const)('a watch over %s', (_protocol, spoken) => {
  it('yields events however the bytes are cut', async () => {
    const bytes = Buffer.from(
      `${event('ADDED', 'ä')}\n\n${event('MODIFIED', '€')}\n${event('DELETED', 'x')}`,
    )
    const { transport } = await start((request, response) => {
      expect(request.url).toBe('/api/v1/namespaces?resourceVersion=5&watch=true')
      response.writeHead(200)
      void (async () => {
        for (let i = 0; i < bytes.length; i += 7) {
          response.write(bytes.subarray(i, i + 7))
          await new Promise((resolve) => setImmediate(resolve))
        }
        response.end()
      })()
    }, spoken)
    const events = await collect(transport, { resourceVersion: '5' })
    expect(events.map(({ object, type }) => [type, object.metadata?.name])).toEqual([
      ['ADDED', 'ä'],
      ['MODIFIED', '€'],
      ['DELETED', 'x'],
    ])
  })

  it.each([
    ['a line that is not JSON', 'nonsense\n'],
    ['a line that is no event', '{"type":"HELLO","object":{}}\n'],
    ['a line without end', 'x'.repeat(3000)],
  ])('ends with a protocol error on %s', async (_, text) => {
    const { transport } = await start(
      (_request, response) => {
        response.writeHead(200)
        response.write(text)
        if (!text.endsWith('\n')) return
        response.end()
      },
      spoken,
      { objectBytesMax: 1000 },
    )
    expect((await failure(collect(transport))).kind).toBe('protocol')
  })

  it('ends with a timeout when nothing is said for too long', async () => {
    const { transport } = await start((_, response) => {
      response.writeHead(200)
      response.write(`${event('ADDED', 'a')}\n`)
    }, spoken)
    const seen: WatchEvent[] = []
    const run = async () => {
      for await (const each of transport.watch({ path, idleTimeoutMs: 200 })) seen.push(each)
    }
    expect((await failure(run())).kind).toBe('timeout')
    expect(seen).toHaveLength(1)
  })

  it('ends the request when the loop is left or the signal aborts', async () => {
    let closed = 0
    const { transport } = await start((_request, response) => {
      response.on('close', () => (closed += 1))
      response.writeHead(200)
      response.write(`${event('ADDED', 'a')}\n`)
    }, spoken)
    for await (const each of transport.watch({ path })) {
      expect(each.type).toBe('ADDED')
      break
    }
    await expect.poll(() => closed).toBe(1)
    const abort = new AbortController()
    const error = failure(collect(transport, {}, abort.signal))
    setTimeout(() => abort.abort(), 50)
    expect((await error).kind).toBe('aborted')
    await expect.poll(() => closed).toBe(2)
  })

  it('does not take connections from requests', async () => {
    const { transport } = await start(
      (request, response) => {
        response.writeHead(200)
        if (request.url!.includes('watch=true')) response.write(`${event('ADDED', 'a')}\n`)
        else response.end('{}')
      },
      spoken,
      { connections: 1 },
    )
    const abort = new AbortController()
    const watches = [1, 2, 3].map(() => failure(collect(transport, {}, abort.signal)))
    expect((await transport.request({ method: 'GET', path, timeoutMs: 2_000 })).status).toBe(200)
    abort.abort()
    await Promise.all(watches)
  })
})

describe('kubePath', () => {
  it('encodes what a name may hold and refuses what could lead elsewhere', () => {
    expect(kubePath('api', 'v1', 'services', 'https:a b:80')).toBe(
      '/api/v1/services/https%3Aa%20b%3A80',
    )
    expect(kubePath('api', '%2e%2e')).toBe('/api/%252e%252e')
    for (const segment of ['', '.', '..', 'a/b', '/', 'a\\b', 'a\nb', 'a\u0000', '\ud800']) {
      expect(() => kubePath('api', segment)).toThrow(TypeError)
    }
  })
})

async function start(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  options: { dnsNames?: string[]; http2?: object } = {},
  limits: Partial<TransportLimits> = {},
) {
  const server = await startTestServer(handle, options)
  cleanups.push(server.stop)
  return { ...server, transport: open(server.credential, limits) }
}

function open(
  credential: ClusterCredential,
  limits: Partial<TransportLimits> = {},
  allowLoopback = true,
): Transport {
  const transport = createTransport(credential, {
    version: '1.2.3',
    addresses: { allowLoopback },
    limits,
  })
  cleanups.push(() => transport.close({ graceMs: 0 }))
  return transport
}

function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

function event(type: string, name: string): string {
  return JSON.stringify({ type, object: { metadata: { name, resourceVersion: '1' } } })
}

async function collect(
  transport: Transport,
  query: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<WatchEvent[]> {
  const events: WatchEvent[] = []
  for await (const each of transport.watch({ path, query, ...(signal && { signal }) })) {
    events.push(each)
  }
  return events
}
