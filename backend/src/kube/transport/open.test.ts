import { stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createAnonymousCredential, type ClusterCredential } from '../cluster-credential.ts'
import type { ClusterError } from '../cluster-error.ts'
import { kubePath } from '../kube-path.ts'
import { startTestServer } from '../../../test/https-server.ts'
import { takeIn } from '../../../test/take-in.ts'
import { createTransport } from './create-transport.ts'
import type { PassageRequest, Transport, TransportLimits, TransportOptions } from './transport.ts'

const path = kubePath('api', 'v1', 'namespaces', 'team', 'pods', 'one', 'log')
const soon = { timeout: 15_000, interval: 5 }
const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

describe('what passes through', () => {
  it('comes as it is written, with the headers of who wrote it', async () => {
    let write = (_: string) => {}
    const { ask } = await start((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'audit-id': 'a1' })
      write = (text) => response.write(text)
      write('one')
    })
    const { auditId, body, headers, status } = await ask()
    expect({ auditId, status, type: headers['content-type'] }).toEqual({
      auditId: 'a1',
      status: 200,
      type: 'text/plain',
    })
    const reader = body.getReader()
    expect(await readText(reader)).toBe('one')
    const later = readText(reader)
    write('two')
    expect(await later).toBe('two')
    await reader.cancel()
  })

  it("sends the hub's own headers, whatever it is given beside those of the body", async () => {
    const seen: IncomingMessage[] = []
    const { ask } = await start((request, response) => {
      seen.push(request)
      response.end()
    })
    const headers = { accept: 'text/event-stream', authorization: 'Bearer mine', 'user-agent': 'x' }
    await drain(await ask({ headers, impersonate: { user: 'hub:me', groups: ['hub:viewer'] } }))
    expect(seen[0]!.headers).toMatchObject({
      accept: 'text/event-stream',
      authorization: 'Bearer s3cret-token',
      'user-agent': 'kubeairunway-hub/1.2.3',
      'impersonate-user': 'hub:me',
      'impersonate-group': 'hub:viewer',
    })
  })

  it.each([
    ['bytes', () => Buffer.from('{"a":1}')],
    ['a stream', () => new Blob(['{"a":1}']).stream()],
  ])('sends %s as they are', async (_, body) => {
    const { ask } = await start((request, response) => void request.pipe(response))
    expect(await drain(await ask({ method: 'POST', body: body() }))).toBe('{"a":1}')
  })

  it('ends at the cluster when whoever reads it goes', async () => {
    const { ask, closed } = await start((_, response) => response.write('one'))
    const cancelled = await ask()
    await cancelled.body.cancel()
    await vi.waitFor(() => expect(closed()).toBe(1), soon)
    const abort = new AbortController()
    const aborted = await ask({ signal: abort.signal })
    const reader = aborted.body.getReader()
    await reader.read()
    const rest = reader.read()
    abort.abort()
    await expect(rest).rejects.toMatchObject({ kind: 'aborted' })
    await vi.waitFor(() => expect(closed()).toBe(2), soon)
  })

  it('is written no faster than it is read', async () => {
    const chunk = Buffer.alloc(1024 * 1024)
    let written = 0
    const { ask } = await start((_, response) => {
      const write = () => {
        while (written < 256) {
          written += 1
          if (!response.write(chunk)) return void response.once('drain', write)
        }
        response.end()
      }
      write()
    })
    const { body } = await ask()
    const reader = body.getReader()
    await reader.read()
    // What lies between the two is what sockets and streams hold; it does not grow with time.
    await vi.waitFor(async () => {
      const before = written
      await new Promise((resolve) => setImmediate(resolve))
      expect(written).toBe(before)
    }, soon)
    expect(written).toBeLessThan(128)
    await reader.cancel()
  })

  it('is refused in the words of the cluster', async () => {
    const { ask } = await start((_, response) =>
      answerStatus(response, 404, 'pods "one" not found'),
    )
    await expect(ask()).rejects.toMatchObject({
      kind: 'not-found',
      message: 'pods "one" not found',
    })
  })

  it('breaks off with a timeout when nothing came for too long, told as the asker wants', async () => {
    const { ask } = await start((_, response) => response.flushHeaders())
    const toError = (error: ClusterError) => new Error(`told: ${error.kind}`)
    const { body } = await ask({ idleTimeoutMs: 50, toError })
    await expect(body.getReader().read()).rejects.toThrow('told: timeout')
  })

  it('is refused where too much passes through already, and has room again when something ends', async () => {
    const { ask } = await start((_, response) => response.write('one'), { passages: 1 })
    const first = await ask()
    await expect(ask()).rejects.toMatchObject({ kind: 'throttled' })
    await first.body.cancel()
    await vi.waitFor(async () => (await ask()).body.cancel(), soon)
  })

  it('leaves models their places, and takes none of theirs', async () => {
    const { ask } = await start((_, response) => response.write('one'), {
      passages: 1,
      forwarded: 2,
    })
    const logs = await ask()
    const models = await Promise.all([ask({ isForwarded: true }), ask({ isForwarded: true })])
    await expect(ask({ isForwarded: true })).rejects.toMatchObject({ kind: 'throttled' })
    await expect(ask()).rejects.toMatchObject({ kind: 'throttled' })
    for (const { body } of [logs, ...models]) await body.cancel()
    await vi.waitFor(async () => (await ask({ isForwarded: true })).body.cancel(), soon)
  })

  it('takes no connection from requests', async () => {
    const { ask, transport } = await start((request, response) => {
      if (request.url!.endsWith('/log')) response.write('one')
      else response.end('{}')
    })
    const open = await Promise.all([ask(), ask(), ask()])
    const version = { method: 'GET', path: kubePath('version') } as const
    expect((await transport.request(version)).status).toBe(200)
    for (const { body } of open) await body.cancel()
  })
})

describe('what is taken in', () => {
  it('comes as it is written, to its end', async () => {
    let server: ServerResponse | null = null
    const { ask } = await start((_, response) => {
      response.flushHeaders()
      server = response
    })
    const taken = takeIn((await ask()).intake)
    server!.write('one ')
    await vi.waitFor(() => expect(taken.text()).toBe('one '), soon)
    server!.write('two ')
    server!.end('three')
    expect(await taken.ended).toBeNull()
    expect(taken.text()).toBe('one two three')
  })

  it('is still there where it broke off, told as the asker wants', async () => {
    const { ask } = await start((_, response) => {
      response.write('one ')
      setTimeout(() => response.write('two', () => response.socket!.end()), 20)
    })
    const { intake } = await ask({ toError: ({ kind }) => new Error(`told: ${kind}`) })
    const ended = Promise.withResolvers<Error | null>()
    const take = intake({ onReadable: () => {}, onEnd: ended.resolve })
    expect(await ended.promise).toMatchObject({ message: 'told: refused' })
    expect(Buffer.from(take()!).toString()).toBe('one two')
    expect(take()).toBeNull()
  })

  it('has ended also where that was before anybody looked', async () => {
    const { ask, closed } = await start((_, response) => response.write('one'))
    const abort = new AbortController()
    const { intake } = await ask({ signal: abort.signal })
    abort.abort()
    await vi.waitFor(() => expect(closed()).toBe(1), soon)
    await delay(20)
    expect(await takeIn(intake).ended).toMatchObject({ kind: 'aborted' })
  })

  it('is all that came since, in one piece', async () => {
    const { ask } = await start((_, response) => {
      let lines = 0
      const timer = setInterval(() => {
        lines += 1
        response.write(`${lines}`)
        if (lines < 5) return
        clearInterval(timer)
        response.end()
      }, 5)
    })
    const { intake } = await ask()
    let told = 0
    const take = intake({ onReadable: () => (told += 1), onEnd: () => {} })
    // For each piece, and for the end.
    await vi.waitFor(() => expect(told).toBeGreaterThan(2), soon)
    await delay(200)
    expect(Buffer.from(take()!).toString()).toBe('12345')
  })

  it('ends with a timeout when nothing came for too long, and not while something comes', async () => {
    const { ask } = await start((_, response) => {
      let lines = 0
      const timer = setInterval(() => {
        lines += 1
        response.write(`${lines}`)
        if (lines === 8) clearInterval(timer)
      }, 100)
    })
    const taken = takeIn((await ask({ idleTimeoutMs: 600 })).intake)
    expect(await taken.ended).toMatchObject({ kind: 'timeout' })
    expect(taken.text()).toBe('12345678')
  })

  it('is written no faster than it is taken', async () => {
    const chunk = Buffer.alloc(1024 * 1024)
    let written = 0
    const { ask } = await start((_, response) => {
      const write = () => {
        while (written < 64) {
          written += 1
          if (!response.write(chunk)) return void response.once('drain', write)
        }
        response.end()
      }
      write()
    })
    const { intake } = await ask()
    let taken = 0
    const ended = Promise.withResolvers<Error | null>()
    const take = intake({ onReadable: () => {}, onEnd: ended.resolve })
    await delay(300)
    expect(written).toBeLessThan(32)
    const timer = setInterval(() => {
      for (let next = take(); next !== null; next = take()) taken += next.byteLength
    }, 1)
    expect(await ended.promise).toBeNull()
    clearInterval(timer)
    expect(taken).toBe(64 * chunk.byteLength)
  })

  it('gives its place back when it ends', async () => {
    const { ask } = await start((_, response) => response.end('one'), { passages: 1 })
    for (const _ of [1, 2]) {
      const { intake } = await vi.waitFor(() => ask(), soon)
      const taken = takeIn(intake)
      expect(await taken.ended).toBeNull()
      expect(taken.text()).toBe('one')
    }
  })
})

describe('what is forwarded', () => {
  const isForwarded = true

  it('is an answer whatever its status, unless the cluster itself refuses', async () => {
    const answers: ((response: ServerResponse) => void)[] = [
      (response) => response.writeHead(422).end('{"error":{"message":"too long"}}'),
      (response) => response.writeHead(500).end('x'.repeat(200_000)),
      (response) => answerStatus(response, 503, 'no endpoints available for service "llm"'),
    ]
    const { ask } = await start((_, response) => answers.shift()!(response))
    const refused = await ask({ isForwarded })
    expect(refused.status).toBe(422)
    expect(await drain(refused)).toBe('{"error":{"message":"too long"}}')
    const long = await ask({ isForwarded })
    expect(long.status).toBe(500)
    expect(await drain(long)).toBe('x'.repeat(200_000))
    await expect(ask({ isForwarded })).rejects.toMatchObject({
      kind: 'server',
      status: 503,
      message: 'no endpoints available for service "llm"',
    })
  })

  it('is asked over no connection that its server has closed, for it may not be asked twice', async () => {
    let close = () => {}
    const server = createServer((request, response) => {
      close = () => request.socket.destroy()
      request.resume().once('end', () => response.end('done'))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    cleanups.push(() => new Promise<void>((resolve) => server.close(() => resolve())))
    const credential = createAnonymousCredential(`http://127.0.0.1:${port}`)
    const transport = dial(credential, { isDirect: true })
    const call = { method: 'POST', path, body: Buffer.from('{}'), isForwarded: true } as const
    for (const _ of [1, 2, 3]) {
      expect(await drain(await transport.open(call))).toBe('done')
      // By then its connection is kept for the next one.
      await delay(50)
      // As a call comes that somebody made: while the loop deals with what it was told of already.
      await stat('.')
      close()
    }
  })

  it('is read again past several connections that were closed', async () => {
    let asked = 0
    const { ask } = await start((request, response) => {
      asked += 1
      if (asked <= 3) request.socket.destroy()
      else response.end('done')
    })
    expect(await drain(await ask())).toBe('done')
    expect(asked).toBe(4)
  })

  it('tells nothing of the cluster by giving no answer', async () => {
    const { ask, transport } = await start((request, response) => {
      if (request.url!.endsWith('/log')) request.socket.destroy()
      else response.end('{}')
    })
    for (let i = 0; i < 6; i += 1) {
      const asked = ask({ isForwarded, method: 'POST' })
      await expect(asked).rejects.toMatchObject({ kind: 'refused' })
    }
    const version = { method: 'GET', path: kubePath('version') } as const
    expect((await transport.request(version)).status).toBe(200)
  })
})

async function start(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  limits: Partial<TransportLimits> = {},
) {
  let closed = 0
  const server = await startTestServer((request, response) => {
    response.once('close', () => {
      if (!response.writableFinished) closed += 1
    })
    handle(request, response)
  })
  cleanups.push(server.stop)
  const transport = dial(server.credential, { limits })
  const ask = (request: Partial<PassageRequest> = {}) =>
    transport.open({ method: 'GET', path, ...request })
  return { ask, transport, closed: () => closed }
}

function dial(
  credential: ClusterCredential,
  options: Pick<TransportOptions, 'limits' | 'isDirect'>,
): Transport {
  const transport = createTransport(credential, {
    version: '1.2.3',
    addresses: { allowLoopback: true },
    ...options,
  })
  cleanups.push(() => transport.close({ graceMs: 0 }))
  return transport
}

function answerStatus(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(
    JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code }),
  )
}

async function readText(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const { value } = await reader.read()
  return Buffer.from(value ?? []).toString()
}

function drain({ body }: { body: ReadableStream<Uint8Array> }): Promise<string> {
  return new Response(body).text()
}
