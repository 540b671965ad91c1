import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  constants,
  type Http2ServerRequest,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2'
import { createServer as createNetServer, type AddressInfo } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createCertificateAuthority, issueServerCertificate, prepareStop } from '@hub/demo'
import { afterEach, describe, expect, test } from 'vitest'
import { startConnectProxy } from '../../../test/connect-proxy.ts'
import { failure } from '../../../test/cluster-failure.ts'
import { startTestServer, type TestServer } from '../../../test/https-server.ts'
import { startTcpGate } from '../../../test/tcp-gate.ts'
import { createAnonymousCredential, type ClusterCredential } from '../cluster-credential.ts'
import { kubePath } from '../kube-path.ts'
import type { WatchEvent } from '../objects.ts'
import { createTransport } from './create-transport.ts'
import type { Transport, TransportLimits, TransportOptions, WatchRequest } from './transport.ts'

const kinds = ['pods', 'nodes', 'services', 'events', 'secrets', 'leases', 'jobs', 'namespaces']
const paths = kinds.map((kind) => kubePath('api', 'v1', kind))
const path = paths[0]!
const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

describe('lists and watches of a server that speaks HTTP/2', () => {
  test('share one connection, which requests do not use', async () => {
    const spoken = new Set<string>()
    const { connections, transport } = await start((request, response) => {
      spoken.add(`${request.url!.split('?')[0]} ${request.httpVersion}`)
      answer(request, response)
    })
    await Promise.all(paths.map((each) => list(transport, each)))
    const watches = await Promise.all(paths.map((each) => follow(transport, { path: each })))
    expect(spoken).toEqual(new Set(paths.map((each) => `${each} 2.0`)))
    expect(connections()).toBe(1)
    await transport.request({ method: 'GET', path: kubePath('version') })
    expect(spoken).toContain('/version 1.1')
    expect(connections()).toBe(2)
    for (const { names } of watches) expect(names()).toEqual(['first'])
  })

  test.each([
    [
      'at an IPv6 address',
      async ({ server }: TestServer) => {
        const door = createNetServer((socket) => server.emit('connection', socket))
        cleanups.push(prepareStop(door))
        await new Promise<void>((resolve) => door.listen(0, '::1', resolve))
        const { port } = door.address() as AddressInfo
        return { server: `https://[::1]:${port}`, tlsServerName: 'localhost' }
      },
    ],
    [
      'behind a proxy',
      async () => {
        const proxy = await startConnectProxy()
        cleanups.push(proxy.stop)
        return { proxyUrl: proxy.origin }
      },
    ],
  ])('share it %s too', async (_, place) => {
    const server = await startTestServer(answer, { http2: {} })
    cleanups.push(server.stop)
    const transport = open({ ...server.credential, ...(await place(server)) })
    await Promise.all(paths.map((each) => list(transport, each)))
    await Promise.all(paths.map((each) => follow(transport, { path: each })))
    expect(server.connections()).toBe(1)
  })

  test('a list on behalf of somebody has one header line per group all the same', async () => {
    const lines: string[] = []
    const { transport } = await start((request, response) => {
      const { rawHeaders } = request
      lines.push(
        ...rawHeaders.filter((_, at) => rawHeaders[at - 1]?.toLowerCase() === 'impersonate-group'),
      )
      answer(request, response)
    })
    const impersonate = { user: 'hub:oidc:ada', groups: ['hub:deployer', 'hub:viewer'] }
    await transport.request({ method: 'GET', path, isList: true, impersonate })
    expect(lines).toEqual(['hub:deployer', 'hub:viewer'])
  })

  test('a new token is used on the connection that is open', async () => {
    const tokens: unknown[] = []
    const { connections, credential, transport } = await start(
      (request, response) => {
        tokens.push(request.headers.authorization)
        answer(request, response)
      },
      { streamRenewalMs: 50 },
    )
    await list(transport)
    const watch = await follow(transport)
    expect(transport.renew({ ...credential, token: 'renewed' })).toBe(true)
    expect(await watch.end).toBeNull()
    await follow(transport)
    expect(tokens).toEqual(['Bearer s3cret-token', 'Bearer s3cret-token', 'Bearer renewed'])
    expect(connections()).toBe(1)
  })

  test('take as many connections as the server allows few streams on one', async () => {
    const { connections, transport } = await start(answer, {}, { maxConcurrentStreams: 3 })
    await list(transport)
    await Promise.all(paths.map((each) => follow(transport, { path: each })))
    expect(connections()).toBe(3)
  })

  test.each([
    ['from the beginning', () => AbortSignal.abort()],
    ['any more', () => AbortSignal.timeout(50)],
  ])('a connection that nobody waits for %s fails unheard', async (_, leave) => {
    const silent = createNetServer((socket) => void socket.on('error', () => {}).resume())
    cleanups.push(prepareStop(silent))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const unheard: unknown[] = []
    const note = (error: unknown) => void unheard.push(error)
    process.on('unhandledRejection', note)
    cleanups.push(async () => void process.off('unhandledRejection', note))
    const server = `https://127.0.0.1:${port}`
    const transport = open(createAnonymousCredential(server), { connectTimeoutMs: 300 })
    const watch = transport.watch({ path, signal: leave() })
    expect((await failure(watch.next())).kind).toBe('aborted')
    await transport.close({ graceMs: 0 })
    const count = promisify(silent.getConnections.bind(silent))
    await expect.poll(() => count()).toBe(0)
    // What is not dialled at all is not there to be waited for.
    await sleep(600)
    expect(unheard).toEqual([])
  })

  test('one that is reset ends, and the others go on', async () => {
    const streams: ServerHttp2Stream[] = []
    const { connections, transport } = await start((request, response) => {
      streams.push(streamOf(request))
      answer(request, response)
    })
    const [reset, other] = [await follow(transport), await follow(transport)]
    streams[0]!.close(constants.NGHTTP2_INTERNAL_ERROR)
    expect(await reset.end).toMatchObject({ kind: 'refused', message: 'broke off its answer' })
    streams[1]!.write(event('second'))
    await expect.poll(other.names).toEqual(['first', 'second'])
    expect(connections()).toBe(1)
  })

  test('a list whose stream is reset is asked for once more', async () => {
    let asked = 0
    const { transport } = await start((request, response) => {
      asked += 1
      if (asked === 1) streamOf(request).close(constants.NGHTTP2_INTERNAL_ERROR)
      else answer(request, response)
    })
    await list(transport)
    expect(asked).toBe(2)
  })

  test('a server that goes away (GOAWAY) ends what it has begun, and is asked anew over another connection', async () => {
    const streams: ServerHttp2Stream[] = []
    const { connections, transport } = await start((request, response) => {
      streams.push(streamOf(request))
      answer(request, response)
    })
    const old = await follow(transport)
    streams[0]!.session!.goaway(constants.NGHTTP2_NO_ERROR)
    await expect
      .poll(async () => {
        await list(transport)
        return connections()
      })
      .toBe(2)
    streams[0]!.end(event('last'))
    expect(await old.end).toBeNull()
    expect(old.names()).toEqual(['first', 'last'])
  })

  test('all of them end where it goes away in anger, and begin anew', async () => {
    const streams: ServerHttp2Stream[] = []
    const { transport } = await start((request, response) => {
      streams.push(streamOf(request))
      answer(request, response)
    })
    const watches = await Promise.all(paths.map((each) => follow(transport, { path: each })))
    streams[0]!.session!.goaway(constants.NGHTTP2_INTERNAL_ERROR, 0)
    for (const { end } of watches) {
      expect(await end).toMatchObject({ kind: 'refused', message: 'broke off its answer' })
    }
    expect((await follow(transport)).names()).toEqual(['first'])
  })

  test('all of them end where the connection does, and begin anew', async () => {
    const sockets: TLSSocket[] = []
    const { server, transport } = await start(answer)
    server.on('secureConnection', (socket) => void sockets.push(socket))
    const watches = await Promise.all(paths.map((each) => follow(transport, { path: each })))
    sockets[0]!.destroy()
    for (const { end } of watches) {
      expect(await end).toMatchObject({ kind: 'refused', message: 'closed the connection' })
    }
    expect((await follow(transport)).names()).toEqual(['first'])
  })

  test('may send as much as is under way on a long way, before it is read', async () => {
    const windows: (number | undefined)[] = []
    const { transport } = await start((request, response) => {
      const { remoteSettings, state } = streamOf(request).session!
      windows.push(remoteSettings.initialWindowSize, state.remoteWindowSize)
      answer(request, response)
    })
    await list(transport)
    // A tenth of a second there and back, at 80 Mbit/s; the protocol's own 64 KiB are 5.
    expect(Math.min(...windows.map(Number))).toBeGreaterThanOrEqual(1_000_000)
  })

  test('one that nobody reads does not hold up the others', async () => {
    const { connections, transport } = await start((request, response) => {
      answer(request, response)
      if (request.url!.includes(kinds[1]!)) return
      const flood = () => {
        while (!response.destroyed && response.write(event('x'.repeat(10_000)))) void 0
      }
      response.on('drain', flood)
      flood()
    })
    const unread = transport.watch({ path })
    cleanups.push(async () => void (await unread.return()))
    await unread.next()
    const watches = await Promise.all(
      Array.from({ length: 20 }, () => follow(transport, { path: paths[1]! })),
    )
    for (const { names } of watches) expect(names()).toEqual(['first'])
    expect(connections()).toBe(1)
  })

  test('where nothing comes any more they end, and go on over another connection', async () => {
    const { gate, held, through } = await startGated({ headersTimeoutMs: 300 })
    const watches = await Promise.all(
      paths.map((each) => follow(through, { path: each, silenceMs: 300 })),
    )
    gate.freeze()
    for (const { end } of watches) expect(await end).toBeNull()
    gate.thaw()
    const next = await Promise.all(paths.map((each) => follow(through, { path: each })))
    for (const { names } of next) expect(names()).toEqual(['first'])
    // No answer to its PING: nobody waits for the old one.
    await expect.poll(held).toBe(1)
  })

  test('a list that nothing answers in its time leads the next one to another connection', async () => {
    const { connections, gate, through } = await startGated()
    await list(through)
    gate.freeze()
    const lost = through.request({ method: 'GET', path, isList: true, timeoutMs: 200 })
    expect((await failure(lost)).kind).toBe('timeout')
    gate.thaw()
    await list(through)
    expect(connections()).toBe(2)
  })

  test('a connection that nobody uses any more is given back, dead or not', async () => {
    const { gate, held, through } = await startGated({ idleMs: 300, headersTimeoutMs: 300 })
    await list(through)
    expect(held()).toBe(1)
    gate.freeze()
    // What was open stays dead.
    gate.thaw()
    await expect.poll(held).toBe(0)
  })

  test('a quiet one whose connection is alive goes on over it', async () => {
    const { connections, server, transport } = await start(answer)
    let closed = 0
    server.on('secureConnection', (socket) => void socket.on('close', () => (closed += 1)))
    const loud = await follow(transport)
    for (let turn = 0; turn < 3; turn += 1) {
      const quiet = await follow(transport, { path: paths[1]!, silenceMs: 200 })
      expect(await quiet.end).toBeNull()
    }
    expect([connections(), closed, loud.isOver()]).toEqual([1, 0, false])
  })
})

describe('a server that agrees to HTTP/2 and does not speak it', () => {
  test.each([
    ['HTTP/1.1', 'HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(4), /^did not answer in HTTP/],
    // SETTINGS, then DATA of a stream that nobody opened (RFC 9113 §6.1).
    [
      'frames out of turn',
      Buffer.from('00000004000000000000000400000000000961626364', 'hex'),
      /^did not answer in HTTP|^broke off/,
    ],
    ['nothing', null, /^did not answer in time/],
    // SETTINGS_MAX_CONCURRENT_STREAMS = 0 (RFC 9113 §6.5.2).
    [
      'that nobody may ask',
      Buffer.from('000006040000000000000300000000', 'hex'),
      /^takes no request/,
    ],
  ])('%s', async (_, said, message) => {
    const credential = await startRaw((socket) => void (said && socket.write(said)))
    const transport = open(credential, { connectTimeoutMs: 300, requestTimeoutMs: 1_000 })
    const watch = transport.watch({ path })
    expect((await failure(watch.next())).message).toMatch(message)
    expect((await failure(list(transport))).message).toMatch(message)
  })

  test.each([
    ['at once', (socket: TLSSocket) => socket.destroy()],
    ['politely', (socket: TLSSocket) => socket.end()],
  ])('and closes the connection %s', async (_, close) => {
    const transport = open(await startRaw(close))
    expect((await failure(transport.watch({ path }).next())).kind).toBe('refused')
    expect((await failure(list(transport))).kind).toBe('refused')
  })

  test('has headers without end', async () => {
    const { transport } = await start((_request, response) => {
      for (let at = 0; at < 5_000; at += 1) response.setHeader(`x-${at}`, 'y'.repeat(100))
      response.writeHead(200)
      response.write(event('first'))
    })
    expect((await failure(transport.watch({ path }).next())).kind).toBe('refused')
  })
})

describe('a server that sends other frames without end', () => {
  const settings = Buffer.from('000000040000000000', 'hex')

  test.each([
    ['PING', Buffer.from(`000008060000000000${'00'.repeat(8)}`, 'hex')],
    ['SETTINGS', settings],
    // Of a type that nobody knows (RFC 9113 §5.5).
    ['others', Buffer.concat([Buffer.from('003fff200000000000', 'hex'), Buffer.alloc(16_383)])],
  ])('%s', async (_, frame) => {
    const flood = Buffer.concat(
      Array.from({ length: Math.ceil(65_536 / frame.length) }, () => frame),
    )
    const credential = await startRaw((socket) => {
      socket.write(settings)
      socket.resume()
      const send = () => {
        while (!socket.destroyed && socket.write(flood)) void 0
      }
      socket.on('drain', () => void setTimeout(send, 2))
      send()
    })
    const error = await failure(open(credential).watch({ path }).next())
    expect(error).toMatchObject({ kind: 'too-much', message: 'sends HTTP/2 frames without end' })
  })
})

type Handle = (request: IncomingMessage, response: ServerResponse) => void

async function start(
  handle: Handle,
  limits: Partial<TransportLimits> = {},
  settings: Settings = {},
) {
  const server = await startTestServer(handle, { http2: settings })
  cleanups.push(server.stop)
  return { ...server, transport: open(server.credential, limits) }
}

/** Through a gate, counting the sockets that are held. */
async function startGated(limits: Partial<TransportLimits> = {}) {
  const { connections, credential, server } = await start(answer)
  const { port } = server.address() as AddressInfo
  const gate = await startTcpGate({ host: '127.0.0.1', port })
  cleanups.push(gate.stop)
  let held = 0
  const take = () => {
    held += 1
    return () => void (held -= 1)
  }
  const behind = { ...credential, server: `https://127.0.0.1:${gate.port}` }
  const through = open(behind, limits, { sockets: { take } })
  return { connections, gate, held: () => held, through }
}

/** TLS that agrees to HTTP/2, and what is said once the client has begun. */
async function startRaw(onBegun: (socket: TLSSocket) => void): Promise<ClusterCredential> {
  const authority = await createCertificateAuthority('test')
  const { certificate, privateKey } = await issueServerCertificate(authority)
  const server = createServer({ cert: certificate, key: privateKey, ALPNProtocols: ['h2'] })
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {})
    socket.once('data', () => onBegun(socket))
  })
  cleanups.push(prepareStop(server))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    ...createAnonymousCredential(`https://127.0.0.1:${port}`),
    ca: authority.certificate,
  }
}

function open(
  credential: ClusterCredential,
  limits: Partial<TransportLimits> = {},
  options: Partial<TransportOptions> = {},
): Transport {
  const transport = createTransport(credential, {
    version: '1.2.3',
    addresses: { allowLoopback: true },
    limits,
    ...options,
  })
  cleanups.push(() => transport.close({ graceMs: 0 }))
  return transport
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  if (request.url!.includes('watch=true')) response.write(event('first'))
  else response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] }))
}

function event(name: string): string {
  return `${JSON.stringify({ type: 'ADDED', object: { metadata: { name } } })}\n`
}

function streamOf(request: IncomingMessage): ServerHttp2Stream {
  return (request as unknown as Http2ServerRequest).stream
}

async function list(transport: Transport, of = path): Promise<void> {
  await transport.request({ method: 'GET', path: of, isList: true })
}

/** A watch whose first event has come. `end` is what it failed with, or null. */
async function follow(transport: Transport, request: WatchRequest = { path }) {
  const seen: WatchEvent[] = []
  const begun = Promise.withResolvers<void>()
  let isOver = false
  const read = async () => {
    try {
      for await (const each of transport.watch(request)) {
        seen.push(each)
        begun.resolve()
      }
      return null
    } catch (error) {
      begun.reject(error)
      return error
    } finally {
      isOver = true
    }
  }
  const end = read()
  await begun.promise
  return { end, isOver: () => isOver, names: () => seen.map(({ object }) => object.metadata?.name) }
}
