import { describe, expect, test } from 'vitest'
import { ApiProblem } from '../../lib/api/problem.ts'
import {
  emptyDeployValues,
  placeErrors,
  placeProblem,
  readDeployValues,
  toPointer,
  type DeployValues,
} from './deploy-values.ts'

const plain: DeployValues = {
  ...emptyDeployValues,
  namespace: 'team-a',
  modelId: 'meta-llama/Llama-3.1-8B-Instruct',
  name: 'llama',
}

describe('readDeployValues', () => {
  test('sends only what the person said', () => {
    expect(readDeployValues(plain).input).toEqual({
      name: 'llama',
      spec: {
        model: { id: 'meta-llama/Llama-3.1-8B-Instruct' },
        scaling: { replicas: 1 },
        resources: { gpu: { count: 1 } },
      },
    })
  })

  test('sends every field at its place in the spec', () => {
    const full: DeployValues = {
      ...plain,
      engine: 'vllm',
      replicas: 3,
      gpuCount: 2,
      runtime: ' kaito ',
      gpuType: 'nvidia.com/gpu',
      memory: '64Gi',
      cpu: '500m',
      contextLength: 8192,
      servedName: 'llama-chat',
    }
    expect(readDeployValues(full).input?.spec).toEqual({
      model: { id: 'meta-llama/Llama-3.1-8B-Instruct', servedName: 'llama-chat' },
      provider: { name: 'kaito' },
      engine: { type: 'vllm', contextLength: 8192 },
      scaling: { replicas: 3 },
      resources: { gpu: { count: 2, type: 'nvidia.com/gpu' }, memory: '64Gi', cpu: '500m' },
    })
  })

  test('0 GPUs is an answer, nothing is none', () => {
    expect(readDeployValues({ ...plain, gpuCount: 0 }).input?.spec?.resources).toEqual({
      gpu: { count: 0 },
    })
    expect(readDeployValues({ ...plain, gpuCount: '' }).input?.spec?.resources).toBeUndefined()
  })

  test('names every field that is wrong at once', () => {
    const { errors } = readDeployValues({
      ...plain,
      namespace: '',
      modelId: '',
      name: 'Llama!',
      replicas: 33,
      memory: 'much',
    })
    expect(Object.keys(errors?.fields ?? {}).toSorted()).toEqual([
      'memory',
      'modelId',
      'name',
      'namespace',
      'replicas',
    ])
    expect(errors?.fields.modelId).toContain('is required')
    expect(errors?.rest).toEqual([])
  })
})

describe('placeErrors', () => {
  test('puts each pointer at its field and the rest aside', () => {
    const unknown = { pointer: '/spec/scaling/prefill', detail: 'not in this form' }
    expect(
      placeErrors([
        { pointer: '/spec/model/id', detail: 'no such model' },
        { pointer: '/spec/model/id', detail: 'a second word on it' },
        { pointer: '/spec/resources/gpu/count', detail: 'at most 64' },
        unknown,
      ]),
    ).toEqual({ fields: { modelId: 'no such model', gpuCount: 'at most 64' }, rest: [unknown] })
  })
})

describe('placeProblem', () => {
  const problem = { status: 409, code: 'deployment-exists', detail: 'llama exists already' }

  test('a taken name is an error of the name', () => {
    expect(placeProblem(new ApiProblem(problem)).fields).toEqual({ name: 'llama exists already' })
  })

  test('a refusal without fields stays in the summary', () => {
    const refused = new ApiProblem({ ...problem, code: 'deployment-refused' })
    expect(placeProblem(refused)).toEqual({ fields: {}, rest: [] })
  })
})

test('toPointer escapes as RFC 6901 says', () => {
  expect(toPointer(['spec', 'a/b', 'c~d', 0])).toBe('/spec/a~1b/c~0d/0')
})
