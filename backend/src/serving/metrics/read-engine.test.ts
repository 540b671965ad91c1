import { describe, expect, test } from 'vitest'
import { isWanted } from './engine-names.ts'
import { parseExposition } from './parse-exposition.ts'
import { readEngine } from './read-engine.ts'

const read = (...lines: string[]) => {
  const parsed = parseExposition(`${lines.join('\n')}\n`, isWanted)
  return 'fault' in parsed ? parsed : readEngine(parsed.samples)
}

const buckets = (name: string, labels = '') => [
  `${name}_bucket{le="0.1"${labels}} 3`,
  `${name}_bucket{le="+Inf"${labels}} 4`,
  `${name}_sum 1`,
  `${name}_count 4`,
]
const four = [
  { bound: 0.1, count: 3 },
  { bound: Infinity, count: 4 },
]

describe('what an engine tells', () => {
  test('of vLLM with its v1 engine, the sums of its cores and the fullest cache', () => {
    expect(
      read(
        'process_start_time_seconds 1.7e9',
        'vllm:num_requests_running{engine="0",model_name="m"} 3',
        'vllm:num_requests_running{engine="1",model_name="m"} 4',
        'vllm:num_requests_waiting{engine="0",model_name="m"} 2',
        'vllm:num_requests_waiting_by_reason{reason="capacity"} 2',
        'vllm:kv_cache_usage_perc{engine="0"} 0.25',
        'vllm:kv_cache_usage_perc{engine="1"} 0.75',
        'vllm:prefix_cache_queries_total{engine="0"} 100',
        'vllm:prefix_cache_hits_total{engine="0"} 40',
        'vllm:prompt_tokens_total{engine="0"} 1000',
        'vllm:generation_tokens_total{engine="0"} 500',
        'vllm:request_success_total{finished_reason="stop"} 10',
        'vllm:request_success_total{finished_reason="length"} 2',
        'vllm:request_success_total{finished_reason="abort"} 1',
        'vllm:request_success_total{finished_reason="error"} 1',
        ...buckets('vllm:time_to_first_token_seconds'),
        ...buckets('vllm:inter_token_latency_seconds'),
      ),
    ).toEqual({
      engine: 'vllm',
      process: '1700000000',
      gauges: { requestsRunning: 7, requestsWaiting: 2, kvCacheUse: 0.75 },
      counters: {
        requestsFinished: 14,
        requestsFailed: 2,
        promptTokens: 1000,
        generatedTokens: 500,
        prefixHits: 40,
        prefixQueries: 100,
      },
      distributions: { firstToken: four, interToken: four },
    })
  })

  test('of vLLM with its v0 engine', () => {
    expect(
      read(
        'vllm:num_requests_running 1',
        'vllm:gpu_cache_usage_perc 0.5',
        'vllm:gpu_prefix_cache_hit_rate 0.2',
        'vllm:request_success_total{finished_reason="stop"} 5',
        ...buckets('vllm:time_per_output_token_seconds'),
      ),
    ).toMatchObject({
      gauges: { requestsRunning: 1, kvCacheUse: 0.5, prefixHitRate: 0.2 },
      counters: { requestsFinished: 5, requestsFailed: 0 },
      distributions: { interToken: four },
    })
  })

  test('of SGLang, once where every rank tells the same', () => {
    expect(
      read(
        'sglang:num_running_reqs{tp_rank="0",dp_rank="0"} 3',
        'sglang:num_running_reqs{tp_rank="1",dp_rank="0"} 3',
        'sglang:num_running_reqs{tp_rank="0",dp_rank="1"} 2',
        'sglang:num_queue_reqs 1',
        'sglang:token_usage 0.28',
        'sglang:cache_hit_rate 0.5',
        'sglang:prompt_tokens_total 10',
        'sglang:generation_tokens_total 20',
        'sglang:num_requests_total 3',
        'sglang:num_aborted_requests_total 1',
        ...buckets('sglang:time_to_first_token_seconds'),
        ...buckets('sglang:inter_token_latency_seconds'),
      ),
    ).toMatchObject({
      engine: 'sglang',
      process: null,
      gauges: { requestsRunning: 5, requestsWaiting: 1, kvCacheUse: 0.28, prefixHitRate: 0.5 },
      counters: { requestsFinished: 3, requestsFailed: 1, promptTokens: 10, generatedTokens: 20 },
      distributions: { firstToken: four, interToken: four },
    })
  })

  test('of TensorRT-LLM', () => {
    expect(
      read(
        'trtllm_num_requests_running{model_name="m",engine_type="trtllm"} 2',
        'trtllm_num_requests_waiting{model_name="m"} 0',
        'trtllm_kv_cache_utilization{model_name="m"} 0.6',
        'trtllm_kv_cache_hit_rate{model_name="m"} 0.1',
        'trtllm_request_success_total{finished_reason="end_id"} 6',
        'trtllm_request_error_total{} 1',
        'trtllm_prompt_tokens_total{} 60',
        'trtllm_prompt_cached_tokens_total{} 30',
        'trtllm_generation_tokens_total{} 600',
        ...buckets('trtllm_time_to_first_token_seconds'),
        ...buckets('trtllm_time_per_output_token_seconds'),
      ),
    ).toMatchObject({
      engine: 'trtllm',
      gauges: { requestsRunning: 2, requestsWaiting: 0, kvCacheUse: 0.6, prefixHitRate: 0.1 },
      counters: { requestsFinished: 6, requestsFailed: 1, prefixHits: 30, prefixQueries: 60 },
      distributions: { firstToken: four, interToken: four },
    })
  })

  test('of llama.cpp, which tells the least', () => {
    expect(
      read(
        'llamacpp:prompt_tokens_total 17',
        'llamacpp:tokens_predicted_total 40',
        'llamacpp:predicted_tokens_seconds nan',
        'llamacpp:requests_processing 1',
        'llamacpp:requests_deferred 0',
      ),
    ).toEqual({
      engine: 'llamacpp',
      process: null,
      gauges: { requestsRunning: 1, requestsWaiting: 0 },
      counters: { promptTokens: 17, generatedTokens: 40 },
      distributions: {},
    })
  })

  test("of Dynamo's frontend, whichever engine works behind it", () => {
    expect(
      read(
        'dynamo_frontend_inflight_requests{model="m"} 12',
        'dynamo_frontend_queued_requests{model="m"} 3',
        'dynamo_frontend_requests_total{model="m",status="success"} 9',
        'dynamo_frontend_requests_total{model="m",status="error"} 1',
        'dynamo_frontend_input_sequence_tokens_sum{model="m"} 500',
        'dynamo_frontend_output_tokens_total{model="m"} 700',
        ...buckets('dynamo_frontend_time_to_first_token_seconds', ',model="m"'),
      ),
    ).toMatchObject({
      engine: 'dynamo',
      gauges: { requestsRunning: 12, requestsWaiting: 3 },
      counters: {
        requestsFinished: 10,
        requestsFailed: 1,
        promptTokens: 500,
        generatedTokens: 700,
      },
      distributions: { firstToken: four },
    })
  })

  test('is nothing where nobody known speaks', () => {
    expect(read('go_goroutines 12', 'http_requests_total 3')).toBeNull()
  })

  test('is not told by a negative count, nor by buckets without an end', () => {
    expect(
      read(
        'vllm:num_requests_running -1',
        'vllm:num_requests_waiting 0',
        'vllm:time_to_first_token_seconds_bucket{le="0.1"} 3',
        'vllm:time_to_first_token_seconds_bucket{le="x"} 3',
      ),
    ).toMatchObject({ gauges: { requestsWaiting: 0 }, distributions: {} })
  })
})
