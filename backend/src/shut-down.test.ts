import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { readFile } from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '#config'
import { createLogger } from '#log'
import { holdTime } from '../test/held-time.ts'
import { prepareShutdown, shutdownLimits } from './shut-down.ts'

describe('prepareShutdown', () => {
  const undo: (() => void)[] = []
  afterEach(() => {
    for (const step of undo.splice(0)) step()
  })

  const start = async (drainMs = 5_000) => {
    const clock = holdTime()
    const events: string[] = []
    const held: ServerResponse[] = []
    const server = createServer((incoming, answer) => {
      if (incoming.url === '/now') answer.end('now')
      else held.push(answer)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    undo.push(() => {
      server.close()
      server.closeAllConnections()
    })
    const { port } = server.address() as AddressInfo
    const stop = prepareShutdown({
      server,
      hub: {
        drain: () => events.push('not ready'),
        endStreams: () => events.push('streams end'),
        stop: async () => void events.push('hub stops'),
      },
      db: { close: async () => void events.push('database closes') },
      drainMs,
      log: createLogger('silent'),
      timing: clock.timing,
      exit: (code) => events.push(`exit ${code}`),
    })
    const ask = async (path: string) => {
      const asked = request({ port, host: '127.0.0.1', path, agent: false })
      asked.setHeader('connection', 'keep-alive')
      asked.end()
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      answer.resume()
      await once(answer, 'close')
      return answer
    }
    return { ask, clock, events, held, port, server, stop }
  }

  test('H38: readiness turns first, and the hub goes on taking connections for the drain, one answer each', async () => {
    const { ask, clock, events, server, stop } = await start()
    expect((await ask('/now')).headers.connection).toBe('keep-alive')
    const stopped = stop('SIGTERM')
    expect(events).toEqual(['not ready'])
    await clock.advance(4_900)
    const late = await ask('/now')
    expect([late.statusCode, late.headers.connection]).toEqual([200, 'close'])
    expect(server.listening).toBe(true)
    await clock.advance(100)
    await stopped
    expect(server.listening).toBe(false)
    expect(events).toEqual(['not ready', 'streams end', 'hub stops', 'database closes', 'exit 0'])
  })

  test('H38: what was asked before is answered before anything behind it stops', async () => {
    const { ask, clock, events, held, stop } = await start()
    const answered = ask('/held')
    await expect.poll(() => held, { timeout: 20_000 }).toHaveLength(1)
    const stopped = stop('SIGTERM')
    await clock.advance(5_000)
    await clock.advance(shutdownLimits.finishMs - 100)
    expect(events).toEqual(['not ready', 'streams end'])
    held[0]!.end('done')
    const answer = await answered
    expect([answer.statusCode, answer.headers.connection]).toEqual([200, 'close'])
    await stopped
    expect(events.at(-1)).toBe('exit 0')
  })

  test('H38: what takes longer than the grace is cut off, and the rest still closes in order', async () => {
    const { ask, clock, events, held, stop } = await start()
    const cut = ask('/held').catch((error: NodeJS.ErrnoException) => error.code)
    await expect.poll(() => held, { timeout: 20_000 }).toHaveLength(1)
    const stopped = stop('SIGTERM')
    await clock.advance(5_000)
    await clock.advance(shutdownLimits.finishMs)
    expect(await cut).toBe('ECONNRESET')
    await stopped
    expect(events.slice(-3)).toEqual(['hub stops', 'database closes', 'exit 0'])
  })

  test('H38: an answer that had begun ends its connection too', async () => {
    const { clock, events, held, port, stop } = await start(0)
    const socket = connect(port, '127.0.0.1')
    undo.push(() => socket.destroy())
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    const closed = once(socket, 'close')
    socket.write('GET /held HTTP/1.1\r\nhost: hub\r\n\r\n')
    await expect.poll(() => held, { timeout: 20_000 }).toHaveLength(1)
    held[0]!.write('half')
    await expect.poll(() => text, { timeout: 20_000 }).toContain('half')
    const stopped = stop('SIGTERM')
    await clock.advance(0)
    held[0]!.end('whole')
    await stopped
    await closed
    expect(text).toContain('whole')
    expect(events.at(-1)).toBe('exit 0')
  })

  test('H38: a second signal ends at once; what a launcher passes on is no second one', async () => {
    const { clock, events, stop } = await start()
    void stop('SIGINT')
    await stop('SIGTERM')
    expect(events).not.toContain('exit 1')
    const other = await start()
    void other.stop('SIGTERM')
    await other.clock.advance(300)
    await other.stop('SIGTERM')
    expect(other.events).toEqual(['not ready', 'exit 1'])
    await clock.advance(0)
  })

  test('H38: by hand, at a terminal, nobody waits for balancers', async () => {
    const { events, stop } = await start()
    await stop('SIGINT')
    expect(events.at(-1)).toBe('exit 0')
  })

  test('H38: the manifest gives it the time that it takes at most, with room for a preStop hook', async () => {
    const path = new URL('../../deploy/kubernetes/base/deployment.yaml', import.meta.url)
    const manifest = parse(await readFile(path, 'utf8')) as {
      spec: { template: { spec: { terminationGracePeriodSeconds: number } } }
    }
    const { drainSeconds } = loadConfig({
      HUB_MODE: 'true',
      NODE_ENV: 'production',
      ALLOWED_HOSTS: 'hub.example.com',
      SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
      JWT_ISSUERS: 'https://id.example.com;hub',
    })
    const { closeMs, finishMs } = shutdownLimits
    const { terminationGracePeriodSeconds } = manifest.spec.template.spec
    const preStop = 10
    expect(terminationGracePeriodSeconds).toBeGreaterThan(
      preStop + drainSeconds + (finishMs + closeMs) / 1000,
    )
    // Kubernetes gives 30 s where a manifest says nothing.
    expect(drainSeconds + (finishMs + closeMs) / 1000).toBeLessThan(30)
  })
})
