import type { IncomingMessage } from 'node:http'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { PrivateText } from '#secrets'
import { startTestServer } from '../../../test/https-server.ts'
import { ClusterError } from '../cluster-error.ts'
import { kubePath } from '../kube-path.ts'
import { createTransport } from './create-transport.ts'

const path = kubePath('api', 'v1', 'namespaces')
const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function start(status = 200) {
  const seen: IncomingMessage[] = []
  const server = await startTestServer((request, response) => {
    seen.push(request)
    const { authorization } = request.headers
    const isHub = authorization === 'Bearer s3cret-token'
    const body = isHub || status === 200 ? {} : { message: `no such token: ${authorization}` }
    response.writeHead(isHub ? 200 : status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
  const transport = createTransport(server.credential, {
    version: '1.2.3',
    addresses: { allowLoopback: true },
    timing: { now: () => 0, random: () => 0 },
  })
  cleanups.push(server.stop, () => transport.close({ graceMs: 0 }))
  return { seen, transport }
}

describe("a request with the caller's own token", () => {
  it('shows that token alone, on connections that the hub does not use for itself', async () => {
    const { seen, transport } = await start()
    await transport.request({ method: 'GET', path })
    await transport.request({ method: 'GET', path, ownToken: new PrivateText('of-ada') })
    await transport.request({ method: 'GET', path, ownToken: new PrivateText('of-bob') })
    await transport.request({ method: 'GET', path })
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer s3cret-token',
      'Bearer of-ada',
      'Bearer of-bob',
      'Bearer s3cret-token',
    ])
    const [first, second, third, last] = seen.map(({ socket }) => socket.remotePort)
    expect(new Set([second, third, first]).size).toBe(new Set([second, third]).size + 1)
    expect(new Set([second, third, last]).size).toBe(new Set([second, third]).size + 1)
  })

  it('is never one for somebody else as well', async () => {
    const { seen, transport } = await start()
    const ownToken = new PrivateText('of-ada')
    const impersonate = { user: 'hub:oidc:bob', groups: [] }
    await expect(transport.request({ method: 'GET', path, ownToken, impersonate })).rejects.toThrow(
      'a request is from one person',
    )
    expect(seen).toEqual([])
  })

  it('that is refused keeps the token out of the words, and opens no breaker', async () => {
    const { transport } = await start(401)
    for (let count = 0; count < 10; count += 1) {
      const asked = transport.request({ method: 'GET', path, ownToken: new PrivateText('of-ada') })
      const error: unknown = await asked.catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ClusterError)
      expect(error).toMatchObject({ kind: 'unauthorized', status: 401 })
      expect(inspect(error)).not.toContain('of-ada')
    }
    expect((await transport.request({ method: 'GET', path })).status).toBe(200)
  })
})

it('a private text is nowhere by accident', () => {
  const text = new PrivateText('canary')
  const copies = [inspect({ text }, { depth: 9, showHidden: true }), JSON.stringify({ text })]
  expect([...copies, `${text}`, Object.values(text).join()].join()).not.toContain('canary')
  expect(text.reveal()).toBe('canary')
})
