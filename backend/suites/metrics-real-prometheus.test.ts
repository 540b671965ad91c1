import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DeploymentMetrics, type MetricName } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { findFreePort } from '../test/free-port.ts'
import { describeGateway } from '../test/gateway.ts'
import { startPrometheus, type ScrapedPod } from '../test/prometheus.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const soon = { timeout: 100_000, interval: 1_000 }
const program = process.env['PROMETHEUS'] ?? null
const port = await findFreePort()
const pathOf = (instance: string, namespace: string, name: string) =>
  `/api/instances/${instance}/namespaces/${namespace}/deployments/${name}/metrics?range=2h`

describe.skipIf(program === null)('with a real Prometheus', () => {
  const stops: (() => Promise<void>)[] = []

  beforeAll(async () => {
    const pods = await Promise.all([
      expose('team', 'qwen-5d8f-aaaaa', vllm),
      expose('team', 'qwen-5d8f-bbbbb', vllm),
      expose('other', 'llama-0', sglang),
      // Not theirs: of another namespace, of another cluster, and with a name that only begins like it.
      expose('elsewhere', 'qwen-5d8f-ccccc', vllm),
      expose('team', 'qwen-5d8f-ddddd', vllm, 'north'),
      expose('team', 'qwenlarge-5d8f-eeeee', vllm),
    ])
    stops.push(...pods.map(({ stop }) => stop))
    const prometheus = await startPrometheus(program!, port, pods)
    stops.push(prometheus.stop)
  })
  afterAll(async () => {
    await Promise.all(stops.map((stop) => stop()))
  })

  describeGateway(
    'the metrics of a deployment',
    () => ({
      HUB_ADMINS: 'oidc:root',
      HUB_PROMETHEUS: `*=http://127.0.0.1:${port};label:cluster=east`,
    }),
    (at) => {
      const latest = async (path: string) => {
        const root = at().world.hub.browser()
        await root.signIn('root')
        const read = DeploymentMetrics.parse(await (await root.get(path)).json())
        const last = (values: readonly (number | null)[]) =>
          values.findLast((each) => each !== null)
        const values = new Map(
          read.series.map(({ name, values: all }) => [name, last(all) ?? null]),
        )
        return { ...read, of: (name: MetricName) => values.get(name) ?? null }
      }

      test('are those of its pods and no others, in the words of vLLM', async () => {
        await vi.waitFor(async () => {
          const read = await latest(pathOf('east', 'team', 'qwen'))
          expect(read.reason).toBeNull()
          expect(read.engine).toBe('vllm')
          expect(read.of('requestsRunning')).toBe(4)
          expect(read.of('requestsWaiting')).toBe(2)
          expect(read.of('kvCacheUse')).toBe(0.5)
          expect(read.of('prefixHitRate')).toBeCloseTo(0.75, 1)
          expect(read.of('requestsFailed')).toBe(0)
          expect(read.of('firstTokenP50')).toBeCloseTo(0.05, 2)
          expect(read.of('firstTokenP99')).toBeCloseTo(0.099, 2)
          const [asked, made] = [read.of('promptTokens'), read.of('generatedTokens')]
          expect(asked).toBeGreaterThan(0)
          expect(made! / asked!).toBeCloseTo(10, 0)
        }, soon)
      })

      test('are those of SGLang, once where every rank tells the same', async () => {
        await vi.waitFor(async () => {
          const read = await latest(pathOf('east', 'other', 'llama'))
          expect([read.reason, read.engine]).toEqual([null, 'sglang'])
          expect(read.of('requestsRunning')).toBe(3)
          expect(read.of('prefixHitRate')).toBe(0.4)
        }, soon)
      })
    },
  )
})

/** What grows, per second since the pods began. */
const vllm = (seconds: number) => `
vllm:num_requests_running{engine="0"} 2
vllm:num_requests_waiting{engine="0"} 1
vllm:kv_cache_usage_perc{engine="0"} 0.5
vllm:prefix_cache_queries_total{engine="0"} ${4 * seconds}
vllm:prefix_cache_hits_total{engine="0"} ${3 * seconds}
vllm:prompt_tokens_total{engine="0"} ${10 * seconds}
vllm:generation_tokens_total{engine="0"} ${100 * seconds}
vllm:request_success_total{finished_reason="stop"} ${seconds}
vllm:time_to_first_token_seconds_bucket{le="0.1"} ${10 * seconds}
vllm:time_to_first_token_seconds_bucket{le="+Inf"} ${10 * seconds}
`
const sglang = () => `
sglang:num_running_reqs{tp_rank="0"} 3
sglang:num_running_reqs{tp_rank="1"} 3
sglang:cache_hit_rate 0.4
`

async function expose(
  namespace: string,
  pod: string,
  describeAt: (seconds: number) => string,
  cluster = 'east',
): Promise<ScrapedPod & { stop: () => Promise<void> }> {
  const startedAt = performance.now()
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end(describeAt((performance.now() - startedAt) / 1000))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    labels: { namespace, pod, cluster },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
