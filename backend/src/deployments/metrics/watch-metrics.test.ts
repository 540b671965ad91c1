import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AccessMode } from '@hub/shared'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Database } from '#db'
import type { FleetDeployment } from '#fleet'
import { systemTiming } from '#kube'
import { createDirectRoutes } from '#serving'
import { holdTime } from '../../../test/held-time.ts'
import { pretendInstance } from '../../../test/pretend-instance.ts'
import { quietLog } from '../../../test/quiet-log.ts'
import type { FollowedModel } from './follow-model.ts'
import { createFleetMetricsJob } from './visit-fleet.ts'
import { createMetricsWatch } from './watch-metrics.ts'

const soon = { timeout: 20_000, interval: 5 }
const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end()
})

const llama = {
  instance: 'prod',
  namespace: 'default',
  name: 'llama',
  uid: 'u1',
  engine: 'vllm',
  deletingSince: null,
  endpoint: { service: 'llama', port: 8000 },
  replicas: { desired: 1, ready: 1, available: 1, running: 1 },
} as FleetDeployment

const expose = (tokens: number, process = 1) =>
  `process_start_time_seconds ${process}\nvllm:num_requests_running 1\nvllm:generation_tokens_total ${tokens}\n`

describe('a deployment that somebody looks at', () => {
  test('is scraped every 15 s until a minute after the last look, by the hub itself', async () => {
    const world = await watch((_, response) => response.end(expose(0)), { mode: 'impersonate' })
    await world.watching.look(llama)
    expect(world.seen.map(({ url }) => url)).toEqual([
      '/api/v1/namespaces/default/services/http%3Allama%3A8000/proxy/metrics',
    ])
    expect(world.seen[0]?.headers).not.toHaveProperty('impersonate-user')
    await world.pass(5_000, 2)
    await world.pass(15_000, 3)
    await world.watching.look(llama)
    await world.pass(15_000, 4)
    await world.pass(15_000, 5)
    await world.pass(15_000, 6)
    await world.pass(15_000, 6)
    await world.pass(120_000, 6)
    expect(world.timers()).toBe(0)
    const model = await world.watching.look(llama)
    expect(world.seen).toHaveLength(7)
    // There is a gap where nobody looked.
    expect(valuesOf(model, 'requestsRunning').slice(-3)).toEqual([1, null, 1])
  })

  test('has rates between two readings of one process, and none across its restart', async () => {
    const answers = [expose(100), expose(250), expose(40), expose(190)]
    const world = await watch((_, response) => response.end(answers.shift() ?? ''))
    const model = await world.watching.look(llama)
    await world.pass(5_000, 2)
    await world.pass(15_000, 3)
    await world.pass(15_000, 4)
    expect(valuesOf(model, 'generatedTokens')).toEqual([null, 30, null, 10])
  })

  test('has rates of each of its pods, where their engine says which one answers', async () => {
    const answers = [expose(100, 1), expose(9_000, 2), expose(300, 1), expose(9_150, 2)]
    const several = { ...llama, replicas: { ...llama.replicas, running: 2 } }
    const world = await watch((_, response) => response.end(answers.shift() ?? ''), {
      deployment: several,
    })
    const model = await world.watching.look(several)
    await world.pass(5_000, 2)
    await world.pass(15_000, 3)
    await world.pass(15_000, 4)
    expect(valuesOf(model, 'generatedTokens')).toEqual([null, null, 10, 5])
    expect(model).toMatchObject({ pods: 2, isOneOfMany: false })
  })

  test('has no rates where several pods cannot be told apart', async () => {
    const several = { ...llama, replicas: { ...llama.replicas, running: 2 } }
    let tokens = 0
    const world = await watch(
      (_, response) => response.end(`vllm:generation_tokens_total ${(tokens += 50)}\n`),
      { deployment: several },
    )
    const model = await world.watching.look(several)
    await world.pass(5_000, 2)
    expect(valuesOf(model, 'generatedTokens')).toEqual([null, null])
    expect(model.isOneOfMany).toBe(true)
  })

  test('is followed no longer once it is another, or gone', async () => {
    const world = await watch((_, response) => response.end(expose(1)))
    await world.watching.look(llama)
    world.become({ ...llama, uid: 'u2' })
    await world.pass(5_000, 1)
    expect(world.timers()).toBe(0)
    const other = await world.watching.look({ ...llama, uid: 'u2' })
    expect(other.points.since(0).at).toHaveLength(1)
    world.become(null)
    await world.pass(5_000, 2)
    expect(world.timers()).toBe(0)
  })
})

describe('a fleet whose metrics are read', () => {
  const round = { signal: new AbortController().signal, lease: null }
  test('has history before somebody looks, of what runs alone', async () => {
    const answers = [expose(100), expose(700)]
    const world = await watch((_, response) => response.end(answers.shift() ?? expose(800)))
    const waiting = { ...llama, name: 'waiting', endpoint: null }
    const job = createFleetMetricsJob({
      hasPrometheus: () => false,
      fleet: { list: () => [llama, waiting] },
      metrics: world.watching,
    })
    await job.run(round)
    await world.advance(60_000)
    await job.run(round)
    expect(world.seen).toHaveLength(2)
    expect(world.timers()).toBe(0)
    await world.advance(5_000)
    const model = await world.watching.look(llama)
    expect(valuesOf(model, 'generatedTokens')).toEqual([null, 10, 20])
    // Whoever looks has it read already.
    await job.run(round)
    expect(world.seen).toHaveLength(3)
  })
})

describe('a model with an address of its own', () => {
  const answers: [string, (response: ServerResponse) => void][] = [
    ['does not know them', (response) => response.writeHead(404).end()],
    ['asks for a key', (response) => response.writeHead(401).end()],
    ['has a web page', (response) => response.end('<html>')],
    ['ends the connection', (response) => response.destroy()],
  ]
  test('is scraped there, and not by its API server', async () => {
    const own = await listen((response) => response.end(expose(5)))
    const world = await watch((_, response) => response.end(expose(1)), { direct: own.template })
    const model = await world.watching.look(llama)
    expect(model).toMatchObject({ engine: 'vllm', fault: null })
    expect(own.asked).toEqual(['/default/llama/metrics'])
    expect(world.seen).toEqual([])
  })

  test.each(answers)('that %s is scraped by its API server', async (_, answer) => {
    const own = await listen(answer)
    const world = await watch((request, response) => response.end(expose(1)), {
      direct: own.template,
    })
    expect(await world.watching.look(llama)).toMatchObject({ engine: 'vllm', fault: null })
    expect(own.asked).toContain('/default/llama/metrics')
    expect(world.seen).toHaveLength(1)
  })

  test('that cannot be reached is scraped by its API server', async () => {
    const own = await listen(() => {})
    await own.stop()
    const world = await watch((_, response) => response.end(expose(1)), { direct: own.template })
    expect((await world.watching.look(llama)).fault).toBeNull()
  })

  test('has the fault of its engine told where its API server lets nobody ask', async () => {
    const own = await listen((response) => response.writeHead(404).end())
    const refusal = JSON.stringify({ kind: 'Status', apiVersion: 'v1', message: 'no', code: 403 })
    const world = await watch((_, response) => response.writeHead(403).end(refusal), {
      direct: own.template,
    })
    expect((await world.watching.look(llama)).fault).toBe('Its engine serves no metrics.')
  })
})

describe('what is no metrics', () => {
  const useless: [string, (path: string, response: ServerResponse) => void, string][] = [
    [
      'a web page',
      (_, response) => response.end('<html>'),
      'It answered with a web page instead of metrics.',
    ],
    ['nothing', (_, response) => response.end(), 'It answered with nothing.'],
    [
      'too much',
      (_, response) => response.end('a 1\n'.repeat(600_000)),
      'Its metrics have more than 2 MiB, more than the hub reads.',
    ],
    [
      'NaN alone',
      (_, response) => response.end('vllm:num_requests_running NaN\n'),
      'Its metrics have no name that the hub knows. It knows those of vLLM, SGLang, TensorRT-LLM, llama.cpp and Dynamo.',
    ],
    ['404', (_, response) => response.writeHead(404).end(), 'Its engine serves no metrics.'],
    [
      '401',
      (_, response) => response.writeHead(401).end(),
      'Its engine asks for a key to show its metrics.',
    ],
    [
      '500',
      (_, response) => response.writeHead(500).end(),
      'Its engine answered with status 500 when it was asked for metrics.',
    ],
  ]
  test.each(useless)('such as %s is told in a sentence', async (_, answer, words) => {
    const world = await watch(({ url }, response) => answer(url!, response))
    const model = await world.watching.look(llama)
    expect(model).toMatchObject({ fault: words, since: null, latestAt: null })
  })

  test('says how engines are made to serve them', async () => {
    const sglang = { ...llama, engine: 'sglang' }
    const world = await watch((_, response) => response.writeHead(404).end(), {
      deployment: sglang,
    })
    const { fault } = await world.watching.look(sglang)
    expect(fault).toBe(
      'Its engine serves no metrics. SGLang serves them when it is started with --enable-metrics.',
    )
  })

  test('such as silence is waited for so long and no longer', async () => {
    const world = await watch((_, response) => {
      response.writeHead(200)
      response.write('vllm:num_requests_running 1\n')
    })
    const looking = world.watching.look(llama)
    await vi.waitFor(() => expect(world.seen).toHaveLength(1), soon)
    await world.advance(10_000)
    expect((await looking).fault).toBe('Its metrics did not come within 10 s.')
  })

  test("TensorRT-LLM's are at another address", async () => {
    const world = await watch(({ url }, response) =>
      response.end(
        url!.endsWith('/prometheus/metrics') ? 'trtllm_num_requests_running 3\n' : '[{"iter":1}]',
      ),
    )
    const model = await world.watching.look(llama)
    expect(model).toMatchObject({ engine: 'trtllm', fault: null })
    expect(valuesOf(model, 'requestsRunning')).toEqual([3])
  })

  test('leaves what there was, and says why there is nothing newer', async () => {
    const answers = [expose(1), '<html>']
    const world = await watch((_, response) => response.end(answers.shift() ?? '<html>'))
    const model = await world.watching.look(llama)
    await world.pass(5_000, 2)
    expect(valuesOf(model, 'requestsRunning')).toEqual([1, null])
    expect(model.fault).toBe('It answered with a web page instead of metrics.')
    expect(model.latestAt).not.toBeNull()
  })
})

function valuesOf({ points }: FollowedModel, name: 'requestsRunning' | 'generatedTokens') {
  const values = points.since(0).columns.get(name) ?? []
  return values.map((value) => (Number.isNaN(value) ? null : value))
}

/** A watch over time that is held. `pass` waits for so many scrapes in all, and that they were taken. */
async function watch(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  {
    deployment = llama,
    direct,
    mode = 'service',
  }: { deployment?: FleetDeployment; direct?: string; mode?: AccessMode } = {},
) {
  const { instances, seen, stop } = await pretendInstance(handle, mode)
  const time = holdTime()
  const ending = new AbortController()
  const hosts = ['127.0.0.1']
  const directModels =
    direct === undefined ? null : { url: direct, hosts, certificateAuthority: null }
  const directRoutes = createDirectRoutes({
    now: () => new Date(),
    policies: { latest: () => ({ directModels }) },
    addresses: { allowLoopback: true },
    timing: systemTiming,
  })
  endings.push(
    stop,
    () => directRoutes.close(),
    () => ending.abort(),
  )
  let current: FleetDeployment | null = deployment
  let taken = 0
  const watching = createMetricsWatch({
    instances,
    directRoutes,
    fleet: { get: () => current },
    // No table is read.
    db: undefined as unknown as Database,
    log: quietLog,
    now: () => {
      // Of each scrape that was taken once.
      taken += 1
      return new Date(1_700_000_000_000 + time.timing.now())
    },
    timing: time.timing,
    ending: ending.signal,
  })
  return {
    watching,
    seen,
    timers: time.timers,
    advance: time.advance,
    become: (next: FleetDeployment | null) => (current = next),
    pass: async (ms: number, scrapes: number) => {
      await time.advance(ms)
      await vi.waitFor(() => expect([seen.length, taken]).toEqual([scrapes, scrapes]), soon)
      // What is waited for next is set after that.
      await time.advance(0)
    },
  }
}

/** A model at an address of its own. */
async function listen(answer: (response: ServerResponse) => void) {
  const asked: string[] = []
  const server = createServer(({ url }, response) => {
    asked.push(url!)
    answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  endings.push(stop)
  return { asked, stop, template: `http://127.0.0.1:${port}/{namespace}/{name}` }
}
