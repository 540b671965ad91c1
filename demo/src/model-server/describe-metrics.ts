/** What a pretend model has done. */
export type ModelLoad = {
  running: number
  requests: number
  seconds: number
  promptTokens: number
  generatedTokens: number
}

export function createModelLoad(): ModelLoad {
  return { running: 0, requests: 0, seconds: 0, promptTokens: 0, generatedTokens: 0 }
}

/** vLLM's metrics in Prometheus' text format, under vLLM's names. */
export function describeMetrics(model: string, load: ModelLoad): string {
  const of = `{model_name="${model}"}`
  const mean = load.requests === 0 ? 0 : load.seconds / load.requests
  return [
    '# TYPE vllm:num_requests_running gauge',
    `vllm:num_requests_running${of} ${load.running}`,
    '# TYPE vllm:num_requests_waiting gauge',
    `vllm:num_requests_waiting${of} 0`,
    '# TYPE vllm:kv_cache_usage_perc gauge',
    `vllm:kv_cache_usage_perc${of} ${Math.min(1, load.running / 64)}`,
    '# TYPE vllm:prompt_tokens_total counter',
    `vllm:prompt_tokens_total${of} ${load.promptTokens}`,
    '# TYPE vllm:generation_tokens_total counter',
    `vllm:generation_tokens_total${of} ${load.generatedTokens}`,
    '# TYPE vllm:e2e_request_latency_seconds histogram',
    ...[0.1, 0.5, 1, 5, '+Inf'].map(
      (bound) =>
        `vllm:e2e_request_latency_seconds_bucket{model_name="${model}",le="${bound}"} ${bound === '+Inf' || mean <= Number(bound) ? load.requests : 0}`,
    ),
    `vllm:e2e_request_latency_seconds_sum${of} ${load.seconds}`,
    `vllm:e2e_request_latency_seconds_count${of} ${load.requests}`,
    '',
  ].join('\n')
}
