import { expect, test } from 'vitest'
import { createBackgroundTraffic } from './background-traffic.ts'
import { describeMetrics } from './describe-metrics.ts'
import { createModelLoad, observe } from './model-load.ts'

const valueOf = (text: string, series: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1),
  )

test('metrics follow what a model did, under the names of vLLM', () => {
  const load = createModelLoad()
  load.running = 2
  load.generatedTokens = 40
  load.finished.stop = 3
  observe(load.firstToken, 0.03)
  observe(load.firstToken, 0.3, 2)
  const text = describeMetrics('m', load)
  expect(valueOf(text, 'vllm:num_requests_running{model_name="m"}')).toBe(2)
  expect(valueOf(text, 'vllm:generation_tokens_total{model_name="m"}')).toBe(40)
  expect(valueOf(text, 'vllm:request_success_total{finished_reason="stop",model_name="m"}')).toBe(3)
  const bucket = (le: string) =>
    valueOf(text, `vllm:time_to_first_token_seconds_bucket{le="${le}",model_name="m"}`)
  expect(['0.02', '0.04', '0.25', '0.5', '+Inf'].map(bucket)).toEqual([0, 1, 1, 3, 3])
  expect(text.endsWith('\n')).toBe(true)
})

test('others ask a model all the time, the same one the same way, and counts only grow', () => {
  let now = 1_700_000_000
  const run = (name: string) => {
    now = 1_700_000_000
    const traffic = createBackgroundTraffic(name, () => now)
    const load = createModelLoad()
    const counts: number[] = []
    for (let minute = 0; minute < 20; minute += 1) {
      traffic.pass(load)
      counts.push(load.generatedTokens)
      now += 60
    }
    return { counts, load, running: traffic.now().running }
  }
  const { counts, load, running } = run('ml-team/llama')
  expect(counts.every((count, index) => index === 0 || count > counts[index - 1]!)).toBe(true)
  expect(run('ml-team/llama').counts).toEqual(counts)
  expect(run('ml-team/qwen').counts).not.toEqual(counts)
  expect(load.prefixHits).toBeLessThan(load.prefixQueries)
  expect(load.finished.stop).toBeGreaterThan(load.finished.abort)
  expect(load.interToken.count).toBe(load.generatedTokens - load.firstToken.count)
  expect(running).toBeGreaterThan(0)
})
