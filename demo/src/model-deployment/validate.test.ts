import { describe, expect, test } from 'vitest'
import type { KubeObject, Untyped } from '../objects.ts'
import { defaultModelDeployment } from './defaults.ts'
import { validateModelDeployment } from './validate.ts'

const vllm: KubeObject = {
  metadata: { name: 'vllm' },
  spec: {
    capabilities: {
      engines: [
        { name: 'vllm', servingModes: ['aggregated'], gpuSupport: true, cpuSupport: false },
      ],
    },
  },
}
const findProvider = (name: string) => (name === 'vllm' ? vllm : undefined)
const model = { id: 'a/b' }

describe('defaults of the mutating webhook', () => {
  test.each<[string, object, object]>([
    [
      'source, mode and one replica',
      { model },
      {
        model: { id: 'a/b', source: 'huggingface' },
        serving: { mode: 'aggregated' },
        scaling: { replicas: 1 },
      },
    ],
    [
      'one GPU for an engine that needs one, if nothing else is said',
      { model, engine: { type: 'vllm' } },
      { resources: { gpu: { count: 1, type: 'nvidia.com/gpu' } } },
    ],
    [
      'the type of GPU',
      { model, resources: { gpu: { count: 2 } } },
      { resources: { gpu: { count: 2, type: 'nvidia.com/gpu' } } },
    ],
    [
      'mount path, claim and access mode of a managed volume',
      {
        model: {
          ...model,
          storage: { volumes: [{ name: 'cache', purpose: 'modelCache', size: '10Gi' }] },
        },
      },
      {
        model: {
          storage: {
            volumes: [
              {
                name: 'cache',
                purpose: 'modelCache',
                size: '10Gi',
                mountPath: '/model-cache',
                claimName: 'm-cache',
                accessMode: 'ReadWriteMany',
              },
            ],
          },
        },
      },
    ],
  ])('%s', (_, spec, expected) => {
    expect(defaultModelDeployment(toDeployment(spec))['spec']).toMatchObject(expected)
  })

  test.each<[string, object]>([
    ['llamacpp', { model, engine: { type: 'llamacpp' } }],
    ['an image of one’s own', { model, engine: { type: 'vllm' }, image: 'x' }],
    ['no engine', { model }],
  ])('no GPU for %s', (_, spec) => {
    expect(defaultModelDeployment(toDeployment(spec))['spec'].resources).toBeUndefined()
  })

  test('nothing for the disaggregated mode, and the object given stays as it is', () => {
    const object = toDeployment({ model, serving: { mode: 'disaggregated' } })
    const before = structuredClone(object)
    expect(defaultModelDeployment(object)['spec'].scaling).toBeUndefined()
    expect(object).toEqual(before)
  })
})

describe('the validating webhook', () => {
  const verdict = (spec: object, name = 'm') =>
    validateModelDeployment(
      defaultModelDeployment(toDeployment(spec, name)),
      undefined,
      findProvider,
    )

  test('admits what is right', () => {
    const spec = { model, provider: { name: 'vllm' }, engine: { type: 'vllm' } }
    expect(verdict(spec)).toEqual({ denial: undefined, warnings: [] })
  })

  test.each<[string, object, string]>([
    [
      'no model id',
      { model: {} },
      'spec.model.id: Required value: model.id is required when source is huggingface',
    ],
    [
      'two images that differ',
      { model, image: 'a', engine: { image: 'b' } },
      'spec.engine.image: Invalid value: "b": conflicts with spec.image; set only one of them',
    ],
    [
      'an argument with odd characters',
      { model, engine: { args: { 'a b': '1' } } },
      'spec.engine.args[a b]: Invalid value: "a b": argument keys may only contain letters, digits, - and _',
    ],
    [
      'a flag that is set twice',
      { model, engine: { args: { 'max-num-seqs': '1' }, extraArgs: ['--max-num-seqs=2'] } },
      'spec.engine.extraArgs[0]: Invalid value: "--max-num-seqs=2": flag is already set in spec.engine.args',
    ],
    [
      'too many GPUs',
      { model, resources: { gpu: { count: 65 } } },
      'spec.resources.gpu.count: Invalid value: 65: exceeds maximum allowed (64)',
    ],
    [
      'too many replicas',
      { model, scaling: { replicas: 33 } },
      'spec.scaling.replicas: Invalid value: 33: exceeds maximum allowed (32)',
    ],
    [
      'too much memory',
      { model, resources: { memory: '5Ti' } },
      'spec.resources.memory: Invalid value: "5Ti": exceeds maximum allowed (4Ti)',
    ],
    [
      'memory that is none',
      { model, resources: { memory: 'much' } },
      'spec.resources.memory: Invalid value: "much": must be a quantity such as 64Gi',
    ],
    [
      'a provider that has not registered',
      { model, provider: { name: 'kaito' }, engine: { type: 'vllm' } },
      'spec.provider.name: Invalid value: "kaito": InferenceProviderConfig "kaito" not found',
    ],
    [
      'an engine that the provider has not',
      { model, provider: { name: 'vllm' }, engine: { type: 'sglang' } },
      'spec.engine.type: Invalid value: "sglang": provider vllm supports only: vllm',
    ],
    [
      'a provider without CPU support',
      {
        model,
        provider: { name: 'vllm' },
        engine: { type: 'vllm' },
        resources: { gpu: { count: 0 } },
      },
      'spec.provider.name: Invalid value: "vllm": provider vllm does not support CPU-only deployments with vllm',
    ],
    [
      'an override of what decides the pod’s rights, at any depth',
      { model, provider: { overrides: { spec: { template: { hostNetwork: true } } } } },
      'spec.provider.overrides.spec.template.hostNetwork: Forbidden: overriding hostNetwork is not allowed',
    ],
    [
      'GPUs for both roles at once',
      {
        model,
        serving: { mode: 'disaggregated' },
        resources: { gpu: { count: 1 } },
        scaling: { prefill: { gpu: { count: 1 } }, decode: { gpu: { count: 1 } } },
      },
      'spec.resources.gpu: Forbidden: cannot be set in disaggregated mode; set spec.scaling.prefill.gpu and spec.scaling.decode.gpu',
    ],
    [
      'a role without GPUs, a role that is missing: both are said',
      { model, serving: { mode: 'disaggregated' }, scaling: { prefill: {} } },
      '[spec.scaling.prefill.gpu.count: Required value: must be greater than 0 in disaggregated mode, spec.scaling.decode: Required value: required in disaggregated mode]',
    ],
  ])('denies %s', (_, spec, denial) => {
    expect(verdict(spec).denial).toBe(denial)
  })

  test.each<[string, object, string]>([
    ['a mount under /etc', { mountPath: '/etc/x', claimName: 'c' }, 'may not be under /etc'],
    ['a relative mount', { mountPath: 'x', claimName: 'c' }, 'must be an absolute path'],
    ['no mount', { claimName: 'c' }, 'mountPath: Required value: required for purpose custom'],
    [
      'neither claim nor size',
      { mountPath: '/x' },
      'claimName: Required value: required when size is not set',
    ],
    [
      'another claim with a size',
      { mountPath: '/x', size: '1Gi', claimName: 'c' },
      'must be m-v when size is set',
    ],
    [
      'read-only with a size',
      { mountPath: '/x', size: '1Gi', readOnly: true },
      'readOnly: Forbidden',
    ],
    [
      'an access mode without a size',
      { mountPath: '/x', claimName: 'c', accessMode: 'ReadWriteOnce' },
      'may only be set with size',
    ],
  ])('denies a volume with %s', (_, volume, denial) => {
    const spec = { model: { ...model, storage: { volumes: [{ name: 'v', ...volume }] } } }
    expect(verdict(spec).denial).toContain(denial)
  })

  test('denies a dot in the name', () => {
    expect(verdict({ model }, 'a.b').denial).toBe(
      'metadata.name: Invalid value: "a.b": must not contain dots',
    )
  })

  test('lets one that is there keep its dot', () => {
    const object = { metadata: { name: 'a.b' }, spec: { model } } as KubeObject
    expect(validateModelDeployment(object, object, () => undefined).denial).toBeUndefined()
  })

  test('warns of remote code and of what is ignored', () => {
    const { denial, warnings } = verdict({
      model: { ...model, source: 'custom', servedName: 'x' },
      engine: { type: 'trtllm', trustRemoteCode: true, contextLength: 1 },
    })
    expect(denial).toBeUndefined()
    expect(warnings).toHaveLength(3)
  })

  test.each<[string, object, object, Untyped, string | undefined]>([
    ['model.id', { model }, { model: { id: 'c' } }, undefined, 'spec.model.id'],
    [
      'model.source',
      { model },
      { model: { ...model, source: 'custom' } },
      undefined,
      'spec.model.source',
    ],
    [
      'serving.mode',
      { model },
      { model, serving: { mode: 'disaggregated' } },
      undefined,
      'spec.serving.mode',
    ],
    [
      'engine.type once set',
      { model, engine: { type: 'vllm' } },
      { model, engine: { type: 'sglang' } },
      undefined,
      'spec.engine.type',
    ],
    [
      'provider.name once selected',
      { model },
      { model, provider: { name: 'kaito' } },
      { provider: { name: 'vllm' } },
      'spec.provider.name',
    ],
    [
      'the first engine may be set later',
      { model },
      { model, engine: { type: 'vllm' } },
      undefined,
      undefined,
    ],
    [
      'what was selected may be written down',
      { model },
      { model, provider: { name: 'vllm' } },
      { provider: { name: 'vllm' } },
      undefined,
    ],
    ['replicas may change', { model }, { model, scaling: { replicas: 3 } }, undefined, undefined],
  ])('immutable: %s', (_, before, after, status, field) => {
    const old = { ...defaultModelDeployment(toDeployment(before)), ...(status && { status }) }
    const disaggregated = { prefill: { gpu: { count: 1 } }, decode: { gpu: { count: 1 } } }
    const next = defaultModelDeployment(toDeployment(after))
    if (next['spec'].serving.mode === 'disaggregated') next['spec'].scaling = disaggregated
    const { denial } = validateModelDeployment(next, old, findProvider)
    const sentence = expect.stringMatching(
      `${field}: Invalid value.*is immutable \\(changing it requires delete and recreate\\)`,
    )
    expect(denial).toEqual(field === undefined ? undefined : sentence)
  })
})

describe('managed volumes', () => {
  const cache = { name: 'cache', purpose: 'modelCache', size: '100Gi' }
  const withVolumes = (...volumes: object[]) =>
    defaultModelDeployment(toDeployment({ model: { ...model, storage: { volumes } } }))

  test.each<[string, object[], string]>([
    ['stay in other words', [{ ...cache, size: '102400Mi' }], '^$'],
    ['stay beside new ones', [{ name: 'more', size: '1Gi', mountPath: '/more' }, cache], '^$'],
    ['are not removed', [], 'spec.model.storage.volumes: Forbidden'],
    [
      'are not resized',
      [{ ...cache, size: '200Gi' }],
      'spec.model.storage.volumes\\[0\\]: Invalid value: "cache": managed storage volume is immutable',
    ],
  ])('%s', (_, volumes, denied) => {
    const next = withVolumes(...volumes)
    const { denial } = validateModelDeployment(next, withVolumes(cache), findProvider)
    expect(denial ?? '').toMatch(new RegExp(denied))
  })
})

function toDeployment(spec: object, name = 'm'): KubeObject {
  return {
    apiVersion: 'airunway.ai/v1alpha1',
    kind: 'ModelDeployment',
    metadata: { name, namespace: 'default' },
    spec: structuredClone(spec),
  }
}
