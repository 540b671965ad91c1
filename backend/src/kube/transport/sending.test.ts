import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { kubePath } from '../kube-path.ts'
import { startTestServer } from '../../../test/https-server.ts'
import { createTransport } from './create-transport.ts'
import type { TransportLimits } from './transport.ts'

const path = kubePath('api', 'v1', 'namespaces')
const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const soon = { timeout: 20_000, interval: 5 }
type Handle = Parameters<typeof startTestServer>[0]

async function open(
  handle: Handle,
  limits: Partial<TransportLimits> = {},
  change: Record<string, unknown> = {},
) {
  const server = await startTestServer(handle)
  const transport = createTransport(
    { ...server.credential, ...change },
    { version: '1.2.3', addresses: { allowLoopback: true }, limits },
  )
  cleanups.push(server.stop, () => transport.close({ graceMs: 0 }))
  const send = (options: { signal?: AbortSignal; timeoutMs?: number } = {}) => {
    const onSend = vi.fn<() => void>()
    const ended = transport
      .request({ method: 'POST', path, body: {}, onSend, ...options })
      .then(() => 'answered')
      .catch((error: { kind: string }) => error.kind)
    return { onSend, ended }
  }
  return { send, transport }
}

test('H9: a request that is answered, refused or cut off was sent', async () => {
  const answers: Handle[] = [
    (_, response) => response.end('{}'),
    (_, response) => response.writeHead(422).end('{}'),
    ({ socket }) => void socket.destroy(),
  ]
  const { send } = await open((request, response) => answers.shift()!(request, response))
  for (const kind of ['answered', 'invalid', 'refused']) {
    const { ended, onSend } = send()
    expect(await ended).toBe(kind)
    expect(onSend).toHaveBeenCalledOnce()
  }
})

test('H9: a request that is never answered was sent, and one that waits behind it was not', async () => {
  const { send } = await open(() => {}, { connections: 1, queue: 1 })
  const first = send({ timeoutMs: 2_000 })
  await vi.waitFor(() => expect(first.onSend).toHaveBeenCalled(), soon)
  const waiting = send({ timeoutMs: 50 })
  const tooMany = send()
  expect([await waiting.ended, await tooMany.ended]).toEqual(['timeout', 'throttled'])
  expect(waiting.onSend).not.toHaveBeenCalled()
  expect(tooMany.onSend).not.toHaveBeenCalled()
  expect(await first.ended).toBe('timeout')
})

test('H9: a request whose caller is gone before there is a connection was not sent', async () => {
  const { send } = await open(() => {})
  const gone = send({ signal: AbortSignal.abort() })
  expect(await gone.ended).toBe('aborted')
  expect(gone.onSend).not.toHaveBeenCalled()
})

test('H9: a request to nobody, to a stranger and through an open breaker was not sent', async () => {
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  const nobody = await open(() => {}, {}, { server: `https://127.0.0.1:${port}` })
  // Five failures open the breaker; the last of these meets it.
  for (let count = 0; count < 6; count += 1) {
    const { ended, onSend } = nobody.send()
    expect(await ended).toBe('refused')
    expect(onSend).not.toHaveBeenCalled()
  }
  const stranger = await open((_, response) => response.end('{}'), {}, { ca: null })
  const { ended, onSend } = stranger.send()
  expect(await ended).toBe('tls')
  expect(onSend).not.toHaveBeenCalled()
})

/** A server that answers over what is open, and lets the next connections wait: it, or the hub, has too much to do. */
async function openBusy(connectionsLate: number) {
  const server = await startTestServer((request, response) => {
    request.resume()
    if (!request.url!.includes('watch')) return response.end('{}')
    response.writeHead(200, { 'content-type': 'application/json' })
    const tell = () => response.write(`${JSON.stringify({ type: 'BOOKMARK', object: {} })}\n`)
    const timer = setInterval(tell, 10)
    response.on('close', () => clearInterval(timer))
    return undefined
  })
  const target = new URL(server.credential.server)
  let late = 0
  const waiting: Socket[] = []
  const door = createServer((near) => {
    near.on('error', () => {})
    if (late > 0) {
      late -= 1
      return void waiting.push(near)
    }
    const far = connect(Number(target.port), target.hostname)
    far.on('error', () => near.destroy())
    near.on('close', () => far.destroy())
    near.pipe(far).pipe(near)
    return undefined
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  const { port } = door.address() as AddressInfo
  const transport = createTransport(
    { ...server.credential, server: `https://127.0.0.1:${port}` },
    {
      version: '1.2.3',
      addresses: { allowLoopback: true },
      limits: { connectTimeoutMs: 1_000 },
    },
  )
  cleanups.push(
    server.stop,
    async () => {
      for (const socket of waiting) socket.destroy()
      await new Promise((resolve) => door.close(resolve))
    },
    () => transport.close({ graceMs: 0 }),
  )
  return {
    transport,
    isLate: () => (late = connectionsLate),
    late: () => late,
    /** Resolves when it has said its first word. */
    watch: async () => {
      const words = transport.watch({ path })
      await words.next()
      const rest = (async () => {
        for await (const _ of words);
      })()
      rest.catch(() => {})
    },
  }
}

test('a request that finds no connection in time gets one later while the cluster says something, and is sent once', async () => {
  const { isLate, late, transport, watch } = await openBusy(2)
  await watch()
  isLate()
  const onSend = vi.fn<() => void>()
  const answer = await transport.request({ method: 'POST', path, body: {}, onSend })
  expect(answer.status).toBe(200)
  expect(late()).toBe(0)
  expect(onSend).toHaveBeenCalledOnce()
})

test('a request that finds no connection in time ends where the cluster says nothing, or where its own time is over', async () => {
  const silent = await openBusy(100)
  silent.isLate()
  const onSend = vi.fn<() => void>()
  const ask = { method: 'POST', path, body: {}, onSend } as const
  await expect(silent.transport.request(ask)).rejects.toMatchObject({ kind: 'timeout' })
  expect(silent.late()).toBe(99)
  const busy = await openBusy(100)
  await busy.watch()
  busy.isLate()
  await expect(busy.transport.request({ ...ask, timeoutMs: 2_500 })).rejects.toMatchObject({
    kind: 'timeout',
  })
  expect(busy.late()).toBeLessThan(99)
  expect(onSend).not.toHaveBeenCalled()
})
