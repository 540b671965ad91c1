import { createServer, type AddressInfo } from 'node:net'
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
