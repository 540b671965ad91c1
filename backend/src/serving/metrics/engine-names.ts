/** A metric by its name, its colon an underscore, and which of its series count: an empty text is no label. */
export type Source = string | { name: string; where: { label: string; values: readonly string[] } }

export type Gauge = 'requestsRunning' | 'requestsWaiting' | 'kvCacheUse' | 'prefixHitRate'
export type Counter =
  | 'requestsFinished'
  | 'requestsFailed'
  | 'promptTokens'
  | 'generatedTokens'
  | 'prefixHits'
  | 'prefixQueries'
export type Distribution = 'firstToken' | 'interToken'

/** By what each is called: the first name that is there counts. */
export type EngineNames = {
  engine: string
  gauges: Partial<Record<Gauge, readonly Source[]>>
  counters: Partial<Record<Counter, readonly Source[]>>
  distributions: Partial<Record<Distribution, readonly string[]>>
}

/** With `--enable-metrics-for-all-schedulers` every rank tells the same. */
const ofFirstRank = (name: string): Source => ({
  name,
  where: { label: 'tp_rank', values: ['', '0'] },
})

/**
 * What engines call what. Of vLLM those of its v1 engine come first, and those of v0 behind them. A request that failed
 * is one that ended without its answer, be it that its caller went.
 */
export const engineNames: readonly EngineNames[] = [
  {
    engine: 'vllm',
    gauges: {
      requestsRunning: ['vllm_num_requests_running'],
      requestsWaiting: ['vllm_num_requests_waiting'],
      kvCacheUse: ['vllm_kv_cache_usage_perc', 'vllm_gpu_cache_usage_perc'],
      prefixHitRate: ['vllm_gpu_prefix_cache_hit_rate'],
    },
    counters: {
      requestsFinished: ['vllm_request_success_total'],
      requestsFailed: [
        {
          name: 'vllm_request_success_total',
          where: { label: 'finished_reason', values: ['abort', 'error'] },
        },
      ],
      promptTokens: ['vllm_prompt_tokens_total'],
      generatedTokens: ['vllm_generation_tokens_total'],
      prefixHits: ['vllm_prefix_cache_hits_total', 'vllm_gpu_prefix_cache_hits_total'],
      prefixQueries: ['vllm_prefix_cache_queries_total', 'vllm_gpu_prefix_cache_queries_total'],
    },
    distributions: {
      firstToken: ['vllm_time_to_first_token_seconds'],
      interToken: ['vllm_inter_token_latency_seconds', 'vllm_time_per_output_token_seconds'],
    },
  },
  {
    engine: 'sglang',
    gauges: {
      requestsRunning: [ofFirstRank('sglang_num_running_reqs')],
      requestsWaiting: [ofFirstRank('sglang_num_queue_reqs')],
      kvCacheUse: ['sglang_token_usage'],
      prefixHitRate: ['sglang_cache_hit_rate'],
    },
    counters: {
      requestsFinished: ['sglang_num_requests_total'],
      requestsFailed: ['sglang_num_aborted_requests_total'],
      promptTokens: ['sglang_prompt_tokens_total'],
      generatedTokens: ['sglang_generation_tokens_total'],
    },
    distributions: {
      firstToken: ['sglang_time_to_first_token_seconds'],
      interToken: ['sglang_inter_token_latency_seconds', 'sglang_time_per_output_token_seconds'],
    },
  },
  {
    engine: 'trtllm',
    gauges: {
      requestsRunning: ['trtllm_num_requests_running'],
      requestsWaiting: ['trtllm_num_requests_waiting'],
      kvCacheUse: ['trtllm_kv_cache_utilization'],
      prefixHitRate: ['trtllm_kv_cache_hit_rate'],
    },
    counters: {
      requestsFinished: ['trtllm_request_success_total'],
      requestsFailed: ['trtllm_request_error_total'],
      promptTokens: ['trtllm_prompt_tokens_total'],
      generatedTokens: ['trtllm_generation_tokens_total'],
      prefixHits: ['trtllm_prompt_cached_tokens_total'],
      prefixQueries: ['trtllm_prompt_tokens_total'],
    },
    distributions: {
      firstToken: ['trtllm_time_to_first_token_seconds'],
      interToken: ['trtllm_time_per_output_token_seconds'],
    },
  },
  {
    engine: 'llamacpp',
    gauges: {
      requestsRunning: ['llamacpp_requests_processing'],
      requestsWaiting: ['llamacpp_requests_deferred'],
      kvCacheUse: ['llamacpp_kv_cache_usage_ratio'],
    },
    counters: {
      promptTokens: ['llamacpp_prompt_tokens_total'],
      generatedTokens: ['llamacpp_tokens_predicted_total'],
    },
    distributions: {},
  },
  {
    // The frontend of Dynamo, whichever engine works behind it.
    engine: 'dynamo',
    gauges: {
      requestsRunning: ['dynamo_frontend_inflight_requests'],
      requestsWaiting: ['dynamo_frontend_queued_requests'],
    },
    counters: {
      requestsFinished: ['dynamo_frontend_requests_total'],
      requestsFailed: [
        {
          name: 'dynamo_frontend_requests_total',
          where: { label: 'status', values: ['error'] },
        },
      ],
      promptTokens: ['dynamo_frontend_input_sequence_tokens_sum'],
      generatedTokens: [
        'dynamo_frontend_output_tokens_total',
        'dynamo_frontend_output_sequence_tokens_sum',
      ],
    },
    distributions: {
      firstToken: ['dynamo_frontend_time_to_first_token_seconds'],
      interToken: ['dynamo_frontend_inter_token_latency_seconds'],
    },
  },
]

/** When the process began that answers, as most exporters of metrics say. */
export const processStart = 'process_start_time_seconds'

const wanted: ReadonlySet<string> = new Set([
  processStart,
  ...engineNames.flatMap(({ counters, distributions, gauges }) => [
    ...[...Object.values(gauges), ...Object.values(counters)].flat().map(nameOf),
    ...Object.values(distributions)
      .flat()
      .map((name) => `${name}_bucket`),
  ]),
])

export function isWanted(name: string): boolean {
  return wanted.has(name)
}

export function nameOf(source: Source): string {
  return typeof source === 'string' ? source : source.name
}
