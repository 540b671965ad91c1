import { expect, test } from 'vitest'
import { writeQuery, writeSelector } from './write-query.ts'

const labels = { namespaceLabel: 'namespace', podLabel: 'pod', labels: new Map<string, string>() }

test('a deployment whose name others begin with is asked for without them', () => {
  expect(writeSelector(labels, { namespace: 'team', name: 'qwen', others: ['qwen-large'] })).toBe(
    'namespace="team",pod=~"qwen-.+",pod!~"qwen-large-.+"',
  )
})

test('what a name or a label holds leads out of no text, and means nothing in a pattern', () => {
  const odd = { ...labels, labels: new Map([['cluster', 'a"} or vector(1) or {b="\\\n']]) }
  expect(writeSelector(odd, { namespace: 'te"am', name: 'q.+|x', others: [] })).toBe(
    String.raw`namespace="te\"am",pod=~"q\\.\\+\\|x-.+",cluster="a\"} or vector(1) or {b=\"\\\n"`,
  )
})

test('each is asked for once, in the words of the engine and of Dynamo before it', () => {
  const query = writeQuery('vllm', 'pod="x"')
  expect(query).not.toContain('sglang')
  expect(query).toContain('dynamo[:_]frontend_inflight_requests')
  for (const name of ['requestsRunning', 'interTokenP99', 'prefixHitRate']) {
    expect(query.split(`"metric", "${name}"`).length - 1).toBeGreaterThan(0)
  }
  expect(writeQuery(null, 'pod="x"')).toContain('sglang')
  expect(writeQuery('another', 'pod="x"')).toContain('llamacpp')
})
