import type { Histogram, ModelLoad } from './model-load.ts'

/** vLLM's metrics in Prometheus' text format, under vLLM's names. */
export function describeMetrics(model: string, load: ModelLoad): string {
  const of = `model_name="${model}"`
  const one = (type: string, name: string, value: number) => [
    `# TYPE vllm:${name} ${type}`,
    `vllm:${name}{${of}} ${value}`,
  ]
  return [
    '# TYPE process_start_time_seconds gauge',
    `process_start_time_seconds ${load.startedAt}`,
    ...one('gauge', 'num_requests_running', load.running),
    ...one('gauge', 'num_requests_waiting', load.waiting),
    ...one('gauge', 'kv_cache_usage_perc', Math.min(1, (load.running + load.waiting) / 64)),
    ...one('counter', 'prefix_cache_queries_total', load.prefixQueries),
    ...one('counter', 'prefix_cache_hits_total', load.prefixHits),
    ...one('counter', 'prompt_tokens_total', load.promptTokens),
    ...one('counter', 'generation_tokens_total', load.generatedTokens),
    '# TYPE vllm:request_success_total counter',
    ...Object.entries(load.finished).map(
      ([reason, count]) => `vllm:request_success_total{finished_reason="${reason}",${of}} ${count}`,
    ),
    ...describeHistogram('time_to_first_token_seconds', of, load.firstToken),
    ...describeHistogram('inter_token_latency_seconds', of, load.interToken),
    ...describeHistogram('e2e_request_latency_seconds', of, load.whole),
    '',
  ].join('\n')
}

function describeHistogram(name: string, of: string, histogram: Histogram): string[] {
  const { bounds, count, counts, sum } = histogram
  return [
    `# TYPE vllm:${name} histogram`,
    ...bounds.map((bound, index) => `vllm:${name}_bucket{le="${bound}",${of}} ${counts[index]}`),
    `vllm:${name}_bucket{le="+Inf",${of}} ${count}`,
    `vllm:${name}_sum{${of}} ${sum}`,
    `vllm:${name}_count{${of}} ${count}`,
  ]
}
