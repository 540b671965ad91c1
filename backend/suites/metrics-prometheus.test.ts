import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeploymentMetrics } from '@hub/shared'
import { createModelLoad } from '@hub/demo'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { describeGateway } from '../test/gateway.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 20 }
const folder = mkdtempSync(join(tmpdir(), 'hub-prometheus-'))
const tokenFile = join(folder, 'token')
const own = pretendPrometheus()
await own.listen()

afterAll(async () => {
  await own.stop()
  rmSync(folder, { recursive: true })
})

describeGateway(
  'the Prometheus of an instance',
  () => ({
    HUB_PROMETHEUS: [
      'east=other/llama:8000',
      `"west=${own.url()}/prom;token-file:${tokenFile};label:cluster=we""st"`,
    ].join(','),
  }),
  (at) => {
    const behind = pretendPrometheus()

    beforeEach(async () => {
      writeFileSync(tokenFile, 's3cret-of-prometheus\n')
      for (const each of [own, behind]) each.reset()
      const { east, world } = at()
      const handle = (path: string, request: IncomingMessage, response: ServerResponse) =>
        behind.handle(path, request, response)
      east.models.set('other/llama', { id: 'prometheus', load: createModelLoad(), handle })
      await vi.waitFor(() => {
        for (const id of ['east', 'west']) {
          expect(world.hub.fleet.get(id, 'team', 'qwen')).not.toBeNull()
        }
      }, soon)
    })

    const ask = async (instance: string, range: string) => {
      const path = `/api/instances/${instance}/namespaces/team/deployments/qwen/metrics`
      const headers = await at().as('viewer')
      const response = await at().call(`${path}?range=${range}`, { headers })
      expect(response.status).toBe(200)
      return DeploymentMetrics.parse(await response.json())
    }

    test('is asked by the service proxy, and all of the range is there at once', async () => {
      const read = await ask('east', '2h')
      expect(read).toMatchObject({ source: 'prometheus', engine: 'vllm', reason: null })
      expect(read.at).toHaveLength(2 * 60 * 4 + 1)
      const running = read.series.find(({ name }) => name === 'requestsRunning')
      expect(running?.values.at(-1)).toBe(3)
      expect(running?.values[0]).toBeNull()
      expect(read.latestAt).toBe(read.at.at(-1))
      const [asked] = behind.asked
      expect(asked?.path).toBe('/api/v1/query_range')
      expect(asked?.authorization).not.toContain('s3cret-of-prometheus')
      const query = asked?.form.get('query') ?? ''
      expect(query).toContain('namespace="team",pod=~"qwen-.+"')
      expect(query).toContain('__name__=~"vllm[:_]num_requests_running"')
      expect(asked?.form.get('step')).toBe('15')
    })

    test('is asked once for all who look', async () => {
      await Promise.all([ask('east', '1h'), ask('east', '1h')])
      expect(behind.asked).toHaveLength(1)
    })

    test('at an address of its own gets the token of its file, and labels as they are', async () => {
      expect(await ask('west', '15m')).toMatchObject({ source: 'prometheus', reason: null })
      writeFileSync(tokenFile, 'renewed')
      await ask('west', '1h')
      expect(own.asked.map(({ authorization, path }) => [path, authorization])).toEqual([
        ['/prom/api/v1/query_range', 'Bearer s3cret-of-prometheus'],
        ['/prom/api/v1/query_range', 'Bearer renewed'],
      ])
      expect(own.asked[0]?.form.get('query')).toContain(String.raw`cluster="we\"st"`)
    })

    describe.each([
      ['refuses the token', (response: ServerResponse) => response.writeHead(401).end('no'), /401/],
      [
        'says what is wrong',
        (response: ServerResponse) =>
          response
            .writeHead(422, { 'content-type': 'application/json' })
            .end('{"status":"error","errorType":"execution","error":"too many samples"}'),
        /422: too many samples/,
      ],
      [
        'is a web page',
        (response: ServerResponse) => response.end('<html>Sign in</html>'),
        /not the API of a Prometheus/,
      ],
      [
        'leads elsewhere',
        (response: ServerResponse) =>
          response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
        /status 302/,
      ],
      [
        'has nothing of it',
        (response: ServerResponse) => response.end(matrix([])),
        /no series .* namespace="team"/,
      ],
      [
        'sends 5 MiB',
        (response: ServerResponse) => response.end(`{"a":"${'x'.repeat(5 * 1024 * 1024)}"}`),
        /more than 4 MiB/,
      ],
      [
        'has NaN, text and times of elsewhere alone',
        (response: ServerResponse) =>
          response.end(
            matrix([
              ['requestsRunning', [[Date.now() / 1000, 'NaN'], [1, '3'], ['x', '3'], [null]]],
              ['nothing', [[Date.now() / 1000, '3']]],
            ]),
          ),
        /no series/,
      ],
    ] as const)('that %s', (_, answer, words) => {
      test('is told where the charts are', async () => {
        own.answer = (response) => void answer(response)
        const { reason, series, source } = await ask('west', '2h')
        expect({ series, source }).toEqual({ series: [], source: 'prometheus' })
        expect(reason).toMatch(words)
        expect(reason).not.toContain('s3cret')
      })
    })

    test('whose token is missing is not asked, and says so without the path', async () => {
      rmSync(tokenFile)
      const { reason } = await ask('west', '2h')
      expect(reason).toContain('file of its token is missing')
      expect(reason).not.toContain(tokenFile)
      expect(own.asked).toEqual([])
    })
  },
)

type Asked = { path: string; authorization: string; form: URLSearchParams }

/** Speaks the part of Prometheus' API that is asked; `answer` is what it does instead. */
function pretendPrometheus() {
  const state = {
    asked: [] as Asked[],
    answer: null as ((response: ServerResponse) => void) | null,
    reset: () => {
      state.asked = []
      state.answer = null
    },
    handle: (path: string, request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const form = new URLSearchParams(Buffer.concat(chunks).toString())
        const authorization = request.headers.authorization ?? ''
        state.asked.push({ path, authorization, form })
        if (state.answer) return state.answer(response)
        const end = Number(form.get('end'))
        response.end(
          matrix([
            [
              'requestsRunning',
              [
                [end - 15, '2'],
                [end, '3'],
              ],
            ],
            ['firstTokenP50', [[end, 'NaN']]],
          ]),
        )
      })
    },
    listen: async () => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    },
    url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  const server = createServer((request, response) =>
    state.handle(request.url ?? '', request, response),
  )
  return state
}

function matrix(series: readonly (readonly [string, readonly unknown[]])[]): string {
  const result = series.map(([metric, values]) => ({ metric: { metric, engine: 'vllm' }, values }))
  return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } })
}
