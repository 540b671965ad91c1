import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKubeClient } from '../client.ts'
import type { KubeClient } from '../client.ts'
import { startApiServer } from './server.ts'
import type { ApiServer } from './server.ts'

const namespaces = '/api/v1/namespaces'
const silenceMs = 250

describe('a cluster with a fault', () => {
  let server: ApiServer
  let client: KubeClient
  let watching: KubeClient
  beforeEach(async () => {
    server = await startApiServer()
    client = createKubeClient(server.kubeconfig('client-certificate'))
    watching = createKubeClient(server.kubeconfig('client-certificate'))
  })
  afterEach(async () => {
    await Promise.all([client.close(), watching.close()])
    await server.stop()
  })
  const get = () => client.raw('GET', namespaces)
  const create = (name: string) =>
    client.request('POST', namespaces, {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    })
  const isSilent = async (promise: Promise<unknown>) => {
    const silence = new Promise((resolve) => setTimeout(resolve, silenceMs, 'silence'))
    return (await Promise.race([promise.catch(() => 'ended'), silence])) === 'silence'
  }
  /** A watch and what it has told; `ended` resolves when it breaks or ends. */
  const watch = async () => {
    const { metadata } = await client.request('GET', namespaces)
    const told: string[] = []
    const { resourceVersion } = metadata
    const events = watching.watch(namespaces, { query: { resourceVersion } })
    const ended = (async () => {
      for await (const { object } of events) {
        told.push(object.metadata.name)
      }
    })().catch(() => {})
    await create(`first-${told.length}`)
    await expect.poll(() => told).toHaveLength(1)
    return { told, ended }
  }
  const port = () => Number(new URL(server.url).port)
  const dial = () =>
    new Promise<Socket>((resolve, reject) => {
      const socket = connect(port(), '127.0.0.1', () => resolve(socket))
      socket.once('error', reject)
    })

  test('black-hole: connects, and nothing answers, old connections included, until it is lifted', async () => {
    const { told, ended } = await watch()
    await server.faults.set({ kind: 'black-hole' })
    const onOpenConnection = get()
    expect(await isSilent(onOpenConnection)).toBe(true)
    const socket = await dial()
    const secure = connectTls({ socket, rejectUnauthorized: false })
    const handshake = new Promise((resolve, reject) => {
      secure.once('secureConnect', resolve).once('error', reject)
    })
    expect(await isSilent(handshake)).toBe(true)
    expect(await isSilent(ended)).toBe(true)
    await server.faults.set(null)
    await ended
    await expect(onOpenConnection).rejects.toThrow(/closed|reset|other side/i)
    expect(told).toHaveLength(1)
    expect((await get()).status).toBe(200)
  })

  test('refuse: no connection, and open ones end', async () => {
    const { ended } = await watch()
    await server.faults.set({ kind: 'refuse' })
    await ended
    await expect(dial()).rejects.toThrow(/ECONNREFUSED/)
    await server.faults.set(null)
    expect((await get()).status).toBe(200)
  })

  test('slow: every answer comes that much later', async () => {
    await server.faults.set({ kind: 'slow', delayMs: 300 })
    const started = performance.now()
    expect((await get()).status).toBe(200)
    expect(performance.now() - started).toBeGreaterThanOrEqual(295)
  })

  test('slow-drip: bytes trickle and add up to the whole body', async () => {
    const { body } = await get()
    const bytesPerSecond = Math.ceil(JSON.stringify(body).length * 2)
    await server.faults.set({ kind: 'slow-drip', bytesPerSecond })
    const started = performance.now()
    expect((await get()).body).toEqual(body)
    expect(performance.now() - started).toBeGreaterThanOrEqual(350)
    await server.faults.set({ kind: 'slow-drip', bytesPerSecond: 1 })
    const endless = get()
    expect(await isSilent(endless)).toBe(true)
    await server.faults.set(null)
    expect((await endless).body).toEqual(body)
  })

  test('tls-stall: the connection is read and the handshake never ends; open ones go on', async () => {
    expect((await get()).status).toBe(200)
    await server.faults.set({ kind: 'tls-stall' })
    const secure = connectTls({ socket: await dial(), rejectUnauthorized: false })
    const handshake = new Promise((resolve, reject) => {
      secure.once('secureConnect', resolve).once('error', reject)
    })
    expect(await isSilent(handshake)).toBe(true)
    expect((await get()).status).toBe(200)
    await server.faults.set(null)
    await expect(handshake).rejects.toThrow(/disconnected|ECONNRESET|hang up/)
  })

  test('throttled: 429 in plain text with Retry-After, as Kubernetes sheds load', async () => {
    await server.faults.set({ kind: 'throttled', retryAfterSeconds: 7 })
    const { status, headers, body } = await get()
    expect({ status, retryAfter: headers['retry-after'], body }).toEqual({
      status: 429,
      retryAfter: '7',
      body: 'Too many requests, please try again later.\n',
    })
  })

  test('server-error and unauthorized: Status objects with 500 and 401', async () => {
    await server.faults.set({ kind: 'server-error' })
    const message = 'etcdserver: request timed out'
    expect((await get()).body).toMatchObject({ kind: 'Status', code: 500, message })
    await server.faults.set({ kind: 'unauthorized' })
    expect((await get()).body).toMatchObject({
      kind: 'Status',
      code: 401,
      reason: 'Unauthorized',
    })
  })

  test('watch-silence: old and new watches are open and tell nothing; everything else works', async () => {
    const { told, ended } = await watch()
    await server.faults.set({ kind: 'watch-silence' })
    const query = { watch: true, allowWatchBookmarks: true, timeoutSeconds: 1 }
    const opened = createKubeClient(server.kubeconfig('client-certificate'))
    const events = opened.watch(namespaces, { query })
    const first = events.next()
    await create('unheard-of')
    expect((await get()).status).toBe(200)
    expect(await isSilent(first)).toBe(true)
    expect(await isSilent(ended)).toBe(true)
    expect(told).toHaveLength(1)
    const nobody = createKubeClient(server.kubeconfig('service-account-token-without-rights'))
    expect((await nobody.raw('GET', namespaces, { query })).status).toBe(403)
    await nobody.close()
    await server.faults.set(null)
    await ended
    await expect(first).rejects.toThrow(/closed|terminated|reset|other side|aborted/i)
    await opened.close()
  })
})
