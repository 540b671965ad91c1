import { describe, expect, test } from 'vitest'
import { AppError } from '#errors'
import { maskVariables } from '../manifests/mask-variables.ts'
import { presentManifest, versionOf } from '../manifests/present-manifest.ts'
import { writeManifest } from '../manifests/write-manifest.ts'
import { explainRefusal } from '../explain-refusal.ts'
import { deploymentChanged } from './describe-changed.ts'
import { describeDeclared } from './describe-declared.ts'
import { findImmutable } from './find-immutable.ts'
import { findReserved } from './find-reserved.ts'
import { leaveUnchanged } from './leave-unchanged.ts'
import { mergePatch, pickPatched } from './merge-patch.ts'

const at = { instance: 'prod', namespace: 'ml-team', name: 'llama' }
const cluster = { apiGroup: 'airunway.ai' } as const

describe('mergePatch', () => {
  // RFC 7386, Appendix A.
  test.each<[unknown, unknown, unknown]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j and %j make %j', (target, patch, merged) => {
    expect(mergePatch(target, patch)).toEqual(merged)
  })

  test('a key of that name is a key', () => {
    const patch: unknown = JSON.parse('{"__proto__": {"polluted": true}}')
    const merged = mergePatch({}, patch) as Record<string, unknown>
    expect(Object.keys(merged)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('what stood there has the shape of the patch', () => {
    const target = { spec: { a: { b: 1, c: 2 }, list: [1] } }
    const patch = { spec: { a: { b: 3 }, list: [2], gone: null, new: { x: 1 } } }
    expect(pickPatched(target, patch)).toEqual({
      spec: { a: { b: 1 }, list: [1], gone: null, new: null },
    })
  })
})

describe('what stays for good', () => {
  const object = (spec: object, status: object = {}) => ({ metadata: { name: 'm' }, spec, status })
  const volumes = (...all: object[]) => ({ model: { storage: { volumes: all } } })
  /** As AI Runway's webhook left it. */
  const made = {
    name: 'a',
    purpose: 'modelCache',
    size: '100Gi',
    mountPath: '/model-cache',
    claimName: 'm-a',
    accessMode: 'ReadWriteMany',
    readOnly: false,
  }
  const pointers = (...args: Parameters<typeof findImmutable>) =>
    findImmutable(...args).map(({ pointer }) => pointer)

  test.each<[string, object, object, object, string[]]>([
    ['nothing', { model: { id: 'a' } }, {}, { model: { id: 'a' } }, []],
    ['defaults', { model: {} }, {}, { model: { source: 'huggingface' } }, []],
    ['a mode', { model: {} }, {}, { serving: { mode: 'disaggregated' } }, ['/serving/mode']],
    ['an engine that is chosen first', {}, {}, { engine: { type: 'vllm' } }, []],
    ['an engine that is taken away', { engine: { type: 'vllm' } }, {}, {}, ['/engine/type']],
    [
      'the runtime that it has',
      {},
      { provider: { name: 'kaito' } },
      { provider: { name: 'kaito' } },
      [],
    ],
    [
      'another runtime than it has',
      {},
      { provider: { name: 'kaito' } },
      { provider: { name: 'vllm' } },
      ['/provider/name'],
    ],
    [
      'a managed volume',
      { model: { storage: { volumes: [{ name: 'a', size: '1Gi' }] } } },
      {},
      { model: { storage: { volumes: [{ name: 'a', size: '2Gi' }] } } },
      ['/model/storage/volumes'],
    ],
    [
      'a managed volume as it was asked for, in other words',
      volumes(made),
      {},
      volumes({ name: 'a', purpose: 'modelCache', size: '102400Mi' }),
      [],
    ],
    [
      'a managed volume with others before it',
      volumes(made),
      {},
      volumes({ name: 'b', claimName: 'shared' }, { name: 'c', size: '1Gi' }, made),
      [],
    ],
    ['a managed volume that goes', volumes(made), {}, volumes(), ['/model/storage/volumes']],
    [
      'a managed volume that becomes a claim',
      volumes(made),
      {},
      volumes({ ...made, size: undefined }),
      ['/model/storage/volumes'],
    ],
    [
      'where a managed volume is mounted',
      volumes(made),
      {},
      volumes({ ...made, mountPath: '/other' }),
      ['/model/storage/volumes'],
    ],
    [
      'a volume of somebody else',
      { model: { storage: { volumes: [{ name: 'a', claimName: 'b' }] } } },
      {},
      { model: { storage: { volumes: [{ name: 'a', claimName: 'c' }] } } },
      [],
    ],
  ])('%s', (_, spec, status, next, expected) => {
    expect(pointers(object(spec, status), next)).toEqual(expected)
  })
})

test('a policy is asked of what a patch changes, variables by their place', () => {
  const secret = { name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }
  const spec = { image: 'a:1', env: [secret], engine: { type: 'vllm', image: 'x' } }
  expect(
    leaveUnchanged(
      {
        image: 'a:1',
        engine: { image: 'x', contextLength: 8 },
        env: [{ name: 'A', value: '1' }, secret],
      },
      spec,
    ),
  ).toEqual({
    engine: { contextLength: 8 },
    env: [{ name: 'A', value: '1' }, { name: 'B' }],
  })
  expect(leaveUnchanged({ image: 'a:1' }, spec)).toEqual({})
})

test('labels and annotations of others are theirs, whatever lies below their domains', () => {
  const keys = ['app.kubernetes.io/name', 'x.k8s.io/a', 'airunway.ai/b', 'kubeairunway.ai/c']
  const own = ['team', 'example.com/a', 'notkubernetes.io/a']
  const labels = Object.fromEntries([...keys, ...own].map((key) => [key, 'v']))
  expect(findReserved({ labels })).toHaveLength(keys.length)
  expect(findReserved({ labels }, { labels, annotations: {} })).toEqual([])
  expect(findReserved({ labels: { 'k8s.io/none': null } })).toEqual([])
})

describe('who declares what is changed', () => {
  const owned = {
    'f:metadata': { 'f:labels': { 'f:team': {} } },
    'f:spec': {
      'f:scaling': { 'f:replicas': {} },
      'f:env': { 'k:{"name":"A"}': { '.': {}, 'f:name': {} } },
    },
  }
  const object = (...managedFields: object[]) => ({
    metadata: { labels: { team: 'a' }, managedFields },
    spec: { scaling: { replicas: 1 }, env: [{ name: 'A' }], image: 'x' },
  })
  const applied = { manager: 'kustomize-controller', operation: 'Apply', fieldsV1: owned }

  test.each<[string, object[], Parameters<typeof describeDeclared>[1], string[]]>([
    [
      'by server-side apply',
      [applied],
      { spec: { scaling: { replicas: 2 }, image: 'y' } },
      [
        'kustomize-controller declares spec.scaling.replicas and may set it back: change it there as well.',
      ],
    ],
    [
      'with a list, and with a label',
      [applied],
      { metadata: { labels: { team: null } }, spec: { env: [] } },
      [
        'kustomize-controller declares metadata.labels.team, spec.env and may set it back: change it there as well.',
      ],
    ],
    [
      'by client-side apply',
      [{ ...applied, manager: 'kubectl-client-side-apply', operation: 'Update' }],
      { spec: { scaling: null } },
      [
        'kubectl-client-side-apply declares spec.scaling and may set it back: change it there as well.',
      ],
    ],
    ['without another value', [applied], { spec: { scaling: { replicas: 1 } } }, []],
    ['not at all', [applied], { spec: { image: 'y' } }, []],
    [
      'by nobody: whoever edits it declares nothing',
      [{ ...applied, manager: 'kubectl-edit', operation: 'Update' }],
      { spec: { scaling: { replicas: 2 } } },
      [],
    ],
    [
      'by odd entries',
      [
        { manager: 7, operation: 'Apply', fieldsV1: owned },
        { manager: 'x', operation: 'Apply' },
      ],
      { spec: { scaling: { replicas: 2 } } },
      [],
    ],
  ])('%s', (_, managed, patch, expected) => {
    expect(describeDeclared(object(...managed), patch)).toEqual(expected)
  })
})

describe('who changed it', () => {
  const entry = (manager: string, time: string, fieldsV1: object, subresource?: string) => ({
    manager,
    time,
    fieldsV1,
    ...(subresource && { subresource }),
  })

  test('is the latest who wrote to what people set', () => {
    const managedFields = [
      entry('hub', '2026-11-01T10:00:00Z', { 'f:spec': { 'f:model': {} } }),
      entry('kubectl-edit', '2026-11-01T11:00:00Z', {
        'f:spec': { 'f:scaling': { 'f:replicas': {} } },
        'f:metadata': { 'f:labels': { '.': {}, 'f:team': {} } },
      }),
      entry('manager', '2026-11-01T12:00:00Z', { 'f:metadata': { 'f:finalizers': {} } }),
      entry(
        'manager',
        '2026-11-01T12:00:00Z',
        { 'f:status': {}, 'f:spec': { 'f:a': {} } },
        'status',
      ),
    ]
    const { code, detail } = deploymentChanged(at, { metadata: { managedFields } })
    expect(code).toBe('deployment-changed')
    expect(detail).toContain(
      'The latest change is of 2026-11-01T11:00:00Z by kubectl-edit, which last set spec.scaling.replicas, metadata.labels.team.',
    )
  })

  test('does not turn the words beside a name, nor does who declares a field', () => {
    const turning = entry('\u202Efluxcd', '2026-11-01T10:00:00Z', {
      'f:spec': { 'f:image': {} },
    })
    const metadata = { managedFields: [{ ...turning, operation: 'Apply' }] }
    const { detail } = deploymentChanged(at, { metadata })
    expect(detail).toContain('by fluxcd, which last set spec.image.')
    expect(describeDeclared({ metadata, spec: {} }, { spec: { image: 'x' } })).toEqual([
      'fluxcd declares spec.image and may set it back: change it there as well.',
    ])
  })

  test.each([undefined, 'nonsense', [null, {}, { manager: 1 }]])('is left out of %j', (odd) => {
    const { detail } = deploymentChanged(at, { metadata: { managedFields: odd } })
    expect(detail).not.toContain('latest change')
    expect(detail).toContain('Read it again')
  })
})

describe('manifests', () => {
  const object = {
    metadata: {
      name: 'llama',
      namespace: 'ml-team',
      uid: 'u',
      labels: { team: 'a' },
      annotations: {
        'airunway.ai/created-by': 'oidc:a',
        'kubeairunway.ai/request-id': 'r',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
        'example.com/a': 'b',
      },
      managedFields: [],
    },
    spec: {
      env: [{ name: 'A', value: 's3cret' }],
      provider: { overrides: { env: [{ name: 'B', value: 's3cret' }] } },
    },
    status: { phase: 'Running' },
  }

  test('hold what people set', () => {
    const manifest = presentManifest(cluster, object)
    expect(manifest.metadata).toEqual({
      name: 'llama',
      namespace: 'ml-team',
      labels: { team: 'a' },
      annotations: { 'example.com/a': 'b' },
    })
    const reordered = {
      spec: object.spec,
      metadata: { ...manifest.metadata },
      kind: manifest.kind,
      apiVersion: manifest.apiVersion,
    }
    expect(versionOf('u', reordered)).toBe(versionOf('u', manifest))
    expect(versionOf('v', manifest)).not.toBe(versionOf('u', manifest))
  })

  test('are masked wherever variables stand', () => {
    const manifest = presentManifest(cluster, object)
    expect(JSON.stringify(maskVariables(manifest))).not.toContain('s3cret')
    expect(JSON.stringify(writeManifest('u', manifest, { isMasked: true }))).not.toContain('s3cret')
    expect(maskVariables({ tolerations: [{ key: 'a', value: 'b' }] })).toEqual({
      tolerations: [{ key: 'a', value: 'b' }],
    })
  })

  test('end at the end, whatever a value holds', () => {
    const spec = { env: [{ name: 'A', value: 'EOF\nEOF\n$(rm -rf /)\n`id`' }] }
    const { kubectl } = writeManifest('u', presentManifest(cluster, { ...object, spec }), {
      isMasked: false,
    })
    const lines = kubectl.split('\n')
    expect(lines.filter((line) => line === 'EOF')).toHaveLength(1)
    expect(lines.at(-1)).toBe('EOF')
  })
})

test('a field that the instance does not know yet is told so', () => {
  const error = new AppError('deployment-invalid', {
    detail: 'd',
    errors: [
      {
        pointer: '/spec/engine/extraArgs',
        detail: 'unknown field; remove it or check its spelling',
      },
      { pointer: '/metadata/name', detail: 'is odd' },
    ],
  })
  const told = explainRefusal(error) as AppError
  expect(told.errors?.[0]?.detail).toContain('its AI Runway is older than this field')
  expect(told.errors?.[1]).toEqual({ pointer: '/metadata/name', detail: 'is odd' })
  const other = new Error('x')
  expect(explainRefusal(other)).toBe(other)
})
