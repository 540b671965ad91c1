import { describe, expect, test } from 'vitest'
import {
  gpuOfDeployment,
  matchDeployments,
  searchableText,
  statusOfDeployment,
  withOwner,
} from './deployment-filter.ts'
import { DeploymentState, DeploymentStatusFilter } from './deployments.ts'

const deployment = {
  instance: 'prod-east',
  namespace: 'team-a',
  name: 'llama-chat',
  model: { id: 'meta-llama/Llama-3.1-8B', servedName: 'assistant', source: 'huggingface' },
  engine: 'vllm',
  runtime: 'kaito',
  createdBy: 'oidc:ann' as string | null,
  gpus: { perReplica: 1, type: 'h100' as string | null },
  state: 'running' as DeploymentState,
}

const situations: [DeploymentState, DeploymentStatusFilter][] = [
  ['running', 'running'],
  ['starting', 'starting'],
  ['downloading-model', 'starting'],
  ['change-not-seen', 'starting'],
  ['deleting', 'deleting'],
  ...DeploymentState.exclude([
    'running',
    'starting',
    'downloading-model',
    'change-not-seen',
    'deleting',
  ]).options.map((state): [DeploymentState, DeploymentStatusFilter] => [state, 'attention']),
]

describe('statuses', () => {
  test.each(situations)('H14: %s is in one of them alone', (state, expected) => {
    const changed = { ...deployment, state }
    expect(statusOfDeployment(changed)).toBe(expected)
    for (const status of DeploymentStatusFilter.options) {
      const { hasStatus, isCounted, isListed } = matchDeployments({ status })
      expect([status, isListed(changed)]).toEqual([status, status === expected])
      expect([status, hasStatus(expected)]).toEqual([status, status === expected])
      // The tabs beside it count it all the same.
      expect(isCounted(changed)).toBe(true)
    }
    expect(matchDeployments({}).isListed(changed)).toBe(true)
  })

  test('H14: every status is that of some situation', () => {
    const found = new Set(situations.map(([, status]) => status))
    expect(found).toEqual(new Set(DeploymentStatusFilter.options))
  })
})

describe('places', () => {
  test.each<[Parameters<typeof matchDeployments>[0], boolean]>([
    [{}, true],
    [{ instance: 'prod-east' }, true],
    [{ instance: 'prod-west' }, false],
    [{ instance: 'prod' }, false],
    [{ namespace: 'team-a' }, true],
    [{ namespace: 'team' }, false],
    [{ instance: 'prod-east', namespace: 'team-a' }, true],
    [{ instance: 'prod-east', namespace: 'team-b' }, false],
    [{ instance: 'prod-west', namespace: 'team-a' }, false],
    [{ instance: 'prod-east', q: 'llama', status: 'running' }, true],
    [{ instance: 'prod-east', q: 'llama', status: 'attention' }, false],
    [{ instance: 'prod-east', q: 'qwen', status: 'running' }, false],
    [{ instance: 'prod-west', q: 'llama', status: 'running' }, false],
  ])('H14: %j', (filter, listed) => {
    const { isCounted, isListed } = matchDeployments(filter)
    expect(isListed(deployment)).toBe(listed)
    expect(isCounted(deployment)).toBe(listed || filter.status === 'attention')
  })
})

test.each<[Parameters<typeof matchDeployments>[0], boolean]>([
  [{}, false],
  [{ instance: 'prod-east' }, false],
  [{ namespace: 'team-a' }, false],
  [{ instance: 'prod-east', namespace: 'team-a', status: 'running' }, false],
  [{ q: ' ' }, false],
  [{ q: 'llama' }, true],
  [{ model: 'meta-llama/Llama-3.1-8B' }, true],
  [{ instance: 'prod-east', engine: 'vllm' }, true],
])('%j needs a look at each deployment: %s', (filter, isSearch) => {
  expect(matchDeployments(filter).isSearch).toBe(isSearch)
})

describe('exact fields', () => {
  test.each<[Parameters<typeof matchDeployments>[0], boolean]>([
    [{ model: 'meta-llama/Llama-3.1-8B' }, true],
    [{ model: 'meta-llama/llama-3.1-8b' }, false],
    [{ model: 'meta-llama' }, false],
    [{ owner: 'oidc:ann' }, true],
    [{ owner: 'oidc:bob' }, false],
    [{ owner: 'me' }, false],
    [{ gpu: 'h100' }, true],
    [{ gpu: 'any' }, false],
    [{ gpu: 'none' }, false],
    [{ engine: 'vllm' }, true],
    [{ engine: 'sglang' }, false],
    [{ engine: 'vllm', owner: 'oidc:ann', q: 'chat' }, true],
    [{ engine: 'vllm', owner: 'oidc:ann', q: 'qwen' }, false],
  ])('%j', (filter, listed) => {
    const { isCounted, isListed, isSearch } = matchDeployments(filter)
    expect([isListed(deployment), isCounted(deployment), isSearch]).toEqual([listed, listed, true])
  })

  test('what a deployment has none of is found by no name', () => {
    const bare = { ...deployment, createdBy: null, engine: null }
    expect(matchDeployments({ owner: 'null' }).isListed(bare)).toBe(false)
    expect(matchDeployments({ engine: 'null' }).isListed(bare)).toBe(false)
  })

  test.each([
    [0, 'h100', 'none'],
    [0, null, 'none'],
    [2, 'h100', 'h100'],
    [2, null, 'any'],
  ])('%i GPUs of type %s are found by %s', (perReplica, type, gpu) => {
    const changed = { ...deployment, gpus: { perReplica, type } }
    expect(gpuOfDeployment(changed)).toBe(gpu)
    expect(matchDeployments({ gpu }).isListed(changed)).toBe(true)
  })

  test('`me` is the principal of whoever asks, and a principal stays what it is', () => {
    expect(withOwner({ owner: 'me', q: 'a' }, 'oidc:ann')).toEqual({ owner: 'oidc:ann', q: 'a' })
    expect(withOwner({ owner: 'oidc:bob' }, 'oidc:ann')).toEqual({ owner: 'oidc:bob' })
    expect(withOwner({}, 'oidc:ann')).toEqual({})
  })
})

describe('words', () => {
  test.each([
    ['name', 'chat'],
    ['model', '3.1-8b'],
    ['model', 'META-LLAMA/'],
    ['served name', 'assist'],
    ['namespace', 'team-a'],
    ['instance', 'East'],
    ['engine', 'VLLM'],
    ['runtime', 'kai'],
    ['name and runtime', 'kaito llama-chat'],
    ['engine, and spaces around', '  vllm\t'],
    ['all of them', 'llama-chat meta assistant team prod vllm kaito'],
  ])('H14: are found in the %s: %j', (_, q) => {
    const { isListed, isSearch } = matchDeployments({ q })
    expect([isSearch, isListed(deployment)]).toEqual([true, true])
  })

  test.each([
    ['nowhere', 'qwen'],
    ['nowhere, beside one that is', 'llama qwen'],
    ['only across two fields', 'kaitovllm'],
    ['only across two fields, in their order', 'vllmkaito'],
    ['in where the model comes from', 'huggingface'],
    ['in the phase', 'Running'],
  ])('H14: are not found that stand %s: %j', (_, q) => {
    expect(matchDeployments({ q }).isListed(deployment)).toBe(false)
  })

  test.each(['', '  ', undefined])('H14: %j searches for nothing', (q) => {
    const { isListed, isSearch } = matchDeployments({ q })
    expect([isSearch, isListed(deployment)]).toEqual([false, true])
  })

  test('the text of a deployment is not made where it is at hand, nor where no word is looked for', () => {
    let looks = 0
    const watched = {
      ...deployment,
      get model() {
        looks += 1
        return deployment.model
      },
    }
    expect(matchDeployments({ q: ' ' }).isCounted(watched)).toBe(true)
    expect(looks).toBe(0)
    const { hasWords, isCounted } = matchDeployments({ q: 'Llama' })
    const text = searchableText(deployment)
    expect([isCounted(watched, text), hasWords(watched, text)]).toEqual([true, true])
    expect([isCounted(watched, 'other'), hasWords(watched, 'other')]).toEqual([false, false])
    expect(looks).toBe(0)
    expect(isCounted(watched)).toBe(true)
    expect(looks).toBeGreaterThan(0)
  })

  test('H14: a field that is not there holds no word', () => {
    const bare = {
      ...deployment,
      model: { id: null, servedName: null, source: null },
      engine: null,
      runtime: null,
    }
    expect(matchDeployments({ q: 'null' }).isListed(bare)).toBe(false)
    expect(matchDeployments({ q: 'chat' }).isListed(bare)).toBe(true)
  })
})
