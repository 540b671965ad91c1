import { CoreV1Api, CustomObjectsApi, KubeConfig, Watch } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { clusterKinds, eventually, expectRealClusterInCi } from '../test/clusters.ts'
import { createKubeClient, KubeError } from './client.ts'
import type { KubeClient, RequestOptions } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { KubeObject, WatchEvent, Untyped } from './objects.ts'

expectRealClusterInCi()

const namespace = 'conformance'
const groupPath = '/apis/airunway.ai/v1alpha1'
const path = `${groupPath}/namespaces/${namespace}/modeldeployments`
const mergePatch = 'application/merge-patch+json'
const tableAccept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

describe.each(clusterKinds)('$title', ({ start, isSkipped }) => {
  describe.skipIf(isSkipped)('answers as Kubernetes', () => {
    let cluster: Cluster
    let admin: KubeClient
    let hub: KubeClient
    let powerless: KubeClient

    beforeAll(async () => {
      cluster = await start()
      admin = createKubeClient(cluster.kubeconfig('client-certificate'))
      hub = createKubeClient(cluster.kubeconfig('service-account-token'))
      powerless = createKubeClient(cluster.kubeconfig('service-account-token-without-rights'))
      await admin.request('POST', '/api/v1/namespaces', {
        body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      })
    }, 90_000)
    afterAll(async () => {
      await Promise.all([admin, hub, powerless].map((client) => client?.close()))
      await cluster?.stop()
    }, 30_000)

    // A test that is tried again finds the cluster as it found it at first.
    let made: string[] = []
    beforeEach(() => {
      made = []
    })
    afterEach(async () => {
      for (const name of made) await clear(name)
    })
    const create = (name: string, spec?: unknown, metadata: object = {}): Promise<KubeObject> => {
      made.push(name)
      return admin.request('POST', path, { body: toDeployment(name, spec, metadata) })
    }
    const clear = async (name: string) => {
      const body = { metadata: { finalizers: null } }
      const kept = await admin.raw('PATCH', `${path}/${name}`, { body, contentType: mergePatch })
      if (kept.status !== 404) await admin.raw('DELETE', `${path}/${name}`)
    }

    describe('discovery', () => {
      test('says its version and that it is ready', async () => {
        expect((await powerless.raw('GET', '/version')).body).toMatchObject({
          major: '1',
          minor: '36',
        })
        for (const probe of ['/readyz', '/livez', '/healthz']) {
          expect(await admin.raw('GET', probe)).toMatchObject({ status: 200, body: 'ok' })
        }
      })

      test('lists the group, its version and the resources of the CRDs', async () => {
        const { groups } = await admin.request('GET', '/apis')
        const version = { groupVersion: 'airunway.ai/v1alpha1', version: 'v1alpha1' }
        const group = { name: 'airunway.ai', versions: [version], preferredVersion: version }
        expect(groups).toContainEqual(group)
        expect(await admin.request('GET', '/apis/airunway.ai')).toEqual({
          kind: 'APIGroup',
          apiVersion: 'v1',
          ...group,
        })
        const { resources } = await admin.request('GET', groupPath)
        const entries = resources.map(({ storageVersionHash: _, ...entry }: Untyped) => entry)
        expect(entries).toContainEqual({
          name: 'modeldeployments',
          singularName: 'modeldeployment',
          namespaced: true,
          kind: 'ModelDeployment',
          verbs: [
            'delete',
            'deletecollection',
            'get',
            'list',
            'patch',
            'create',
            'update',
            'watch',
          ],
        })
        expect(entries).toContainEqual({
          name: 'modeldeployments/status',
          singularName: '',
          namespaced: true,
          kind: 'ModelDeployment',
          verbs: ['get', 'patch', 'update'],
        })
      })

      test('core resources are described alike', async () => {
        const { resources } = await admin.request('GET', '/api/v1')
        const find = (name: string) => {
          const { storageVersionHash: _, ...entry } = resources.find(
            (each: Untyped) => each.name === name,
          )
          return entry
        }
        expect(find('pods')).toMatchObject({ kind: 'Pod', namespaced: true, shortNames: ['po'] })
        expect(find('nodes')).toMatchObject({ kind: 'Node', namespaced: false, shortNames: ['no'] })
        expect(find('namespaces').verbs).toEqual([
          'create',
          'delete',
          'get',
          'list',
          'patch',
          'update',
          'watch',
        ])
      })

      test('what is not served is 404: in plain text outside a known group', async () => {
        for (const missing of [
          '/apis/nothing.ai/v1',
          '/apis/airunway.ai/v2/namespaces/x/modeldeployments',
          `${groupPath}/namespaces/x/nothings`,
          `${groupPath}/modeldeployments/a`,
        ]) {
          expect(await admin.raw('GET', missing)).toMatchObject({
            status: 404,
            body: '404 page not found\n',
          })
        }
        expect(
          await refusal(admin.request('GET', '/api/v1/namespaces/default/nothings')),
        ).toMatchObject({
          code: 404,
          reason: 'NotFound',
          message: 'the server could not find the requested resource',
        })
      })

      test('the CRD is established', async () => {
        const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
        const crd = await admin.request('GET', `${crds}/modeldeployments.airunway.ai`)
        const established = crd.status.conditions.find(
          (each: Untyped) => each.type === 'Established',
        )
        expect(established).toMatchObject({ status: 'True', reason: 'InitialNamesAccepted' })
      })
    })

    describe('create', () => {
      test('answers 201 with identity, generation and schema defaults; status is dropped', async () => {
        const response = await admin.raw('POST', path, {
          body: { ...toDeployment('created'), status: { phase: 'Running' } },
        })
        expect(response.status).toBe(201)
        const { metadata, spec, status } = response.body
        expect(metadata).toMatchObject({ name: 'created', namespace, generation: 1 })
        expect(metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
        expect(metadata.resourceVersion).toMatch(/^\d+$/)
        expect(metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
        expect(spec).toEqual({ model: { id: 'a/b', source: 'huggingface' } })
        expect(status).toBeUndefined()
      })

      test('defaults reach into objects that are there, and nulls count as absent', async () => {
        const { spec } = await create('defaulted', {
          model: { id: 'a/b' },
          engine: { type: 'vllm', image: null },
          resources: { gpu: {} },
          scaling: { prefill: {} },
          env: null,
        })
        expect(spec).toEqual({
          model: { id: 'a/b', source: 'huggingface' },
          engine: {
            type: 'vllm',
            trustRemoteCode: false,
            enablePrefixCaching: true,
            enforceEager: false,
          },
          resources: { gpu: { count: 0, type: 'nvidia.com/gpu' } },
          scaling: { replicas: 1, prefill: { replicas: 1 } },
        })
      })

      test('409 AlreadyExists', async () => {
        await create('twice')
        expect(await refusal(create('twice'))).toEqual({
          code: 409,
          reason: 'AlreadyExists',
          message: 'modeldeployments.airunway.ai "twice" already exists',
          details: { name: 'twice', group: 'airunway.ai', kind: 'modeldeployments' },
        })
      })

      test('404 when the namespace does not exist', async () => {
        const elsewhere = path.replace(namespace, 'nowhere')
        const body = toDeployment('lost')
        expect(await refusal(admin.request('POST', elsewhere, { body }))).toEqual({
          code: 404,
          reason: 'NotFound',
          message: 'namespaces "nowhere" not found',
          details: { name: 'nowhere', kind: 'namespaces' },
        })
      })

      test('400 when the body names another namespace, version or no kind', async () => {
        const message = async (body: object) =>
          (await refusal(admin.request('POST', path, { body }))).message
        expect(await message(toDeployment('x', undefined, { namespace: 'other' }))).toBe(
          'the namespace of the provided object does not match the namespace sent on the request',
        )
        expect(await message({ ...toDeployment('x'), apiVersion: 'airunway.ai/v2' })).toBe(
          'the API version in the data (airunway.ai/v2) does not match the expected API version (airunway.ai/v1alpha1)',
        )
        expect(await message({ metadata: { name: 'q' }, spec: {} })).toBe(
          `the object provided is unrecognized (must be of type ModelDeployment): Object 'Kind' is missing in '{"metadata":{"name":"q"},"spec":{}}' ({"metadata":{"name":"q"},"spec ...)`,
        )
      })

      test('generateName makes a name', async () => {
        const { metadata } = await admin.request('POST', path, {
          body: { ...toDeployment('x'), metadata: { generateName: 'gen-' } },
        })
        expect(metadata.name).toMatch(/^gen-[a-z0-9]{5}$/)
      })

      test('dryRun=All answers like a creation and keeps nothing', async () => {
        const body = toDeployment('dry')
        const response = await admin.raw('POST', path, { body, query: { dryRun: 'All' } })
        expect(response.status).toBe(201)
        expect(response.body.metadata.resourceVersion).toBeUndefined()
        expect(response.body.spec.model.source).toBe('huggingface')
        expect((await admin.raw('GET', `${path}/dry`)).status).toBe(404)
        expect(
          await refusal(admin.request('POST', path, { body, query: { dryRun: 'Some' } })),
        ).toMatchObject({
          code: 422,
          message:
            'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
        })
      })

      test('YAML is accepted, other media types are 415, a broken body is 400, a big one 413', async () => {
        const yaml = stringify(toDeployment('from-yaml'))
        const options = { body: yaml, contentType: 'application/yaml' }
        expect((await admin.raw('POST', path, options)).status).toBe(201)
        expect(
          await refusal(admin.request('POST', path, { body: 'x', contentType: 'text/plain' })),
        ).toMatchObject({
          code: 415,
          reason: 'UnsupportedMediaType',
          message:
            'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
        })
        expect(await refusal(admin.request('POST', path, { body: '{"a":' }))).toMatchObject({
          code: 400,
          message: `the object provided is unrecognized (must be of type ModelDeployment): couldn't get version/kind; json parse error: unexpected end of JSON input ({"a":)`,
        })
        const big = toDeployment('big', { model: { id: 'x'.repeat(3 * 1024 * 1024) } })
        expect(await refusal(admin.request('POST', path, { body: big }))).toMatchObject({
          code: 413,
          reason: 'RequestEntityTooLarge',
          message: 'Request entity too large: limit is 3145728',
        })
      })
    })

    describe('validation', () => {
      const causesOf = async (spec: unknown, metadata: object = {}) => {
        const status = await refusal(create('invalid', spec, metadata))
        expect(status).toMatchObject({ code: 422, reason: 'Invalid' })
        return status.details!.causes!
      }
      const model = { id: 'a/b' }

      test('an enum names what it supports', async () => {
        expect(await refusal(create('invalid', { model, engine: { type: 'foo' } }))).toEqual({
          code: 422,
          reason: 'Invalid',
          message:
            'ModelDeployment.airunway.ai "invalid" is invalid: spec.engine.type: Unsupported value: "foo": supported values: "vllm", "sglang", "trtllm", "llamacpp"',
          details: {
            name: 'invalid',
            group: 'airunway.ai',
            kind: 'ModelDeployment',
            causes: [
              {
                reason: 'FieldValueNotSupported',
                message:
                  'Unsupported value: "foo": supported values: "vllm", "sglang", "trtllm", "llamacpp"',
                field: 'spec.engine.type',
              },
            ],
          },
        })
      })

      test.each<[string, unknown, { reason: string; field: string; message: string }[]]>([
        [
          'a missing field',
          {},
          [{ reason: 'FieldValueRequired', field: 'spec.model', message: 'Required value' }],
        ],
        [
          'a minimum',
          { model, scaling: { replicas: -1 } },
          [
            {
              reason: 'FieldValueInvalid',
              field: 'spec.scaling.replicas',
              message:
                'Invalid value: -1: spec.scaling.replicas in body should be greater than or equal to 0',
            },
          ],
        ],
        [
          'an int32 that is too large',
          { model, scaling: { replicas: 3_000_000_000 } },
          [
            {
              reason: 'FieldValueInvalid',
              field: '<nil>',
              message:
                'Invalid value: "": Checked value must be of type integer with format int32 in spec.scaling.replicas',
            },
          ],
        ],
        [
          'a string where a number belongs',
          { model, scaling: { replicas: '2' } },
          [
            {
              reason: 'FieldValueTypeInvalid',
              field: 'spec.scaling.replicas',
              message:
                'Invalid value: "string": spec.scaling.replicas in body must be of type integer: "string"',
            },
          ],
        ],
        [
          'a fraction where a whole number belongs',
          { model, resources: { gpu: { count: 1.5 } } },
          [
            {
              reason: 'FieldValueTypeInvalid',
              field: 'spec.resources.gpu.count',
              message:
                'Invalid value: "float64": spec.resources.gpu.count in body must be of type int32: "float64"',
            },
            {
              reason: 'FieldValueInvalid',
              field: '<nil>',
              message:
                'Invalid value: "": Checked value must be of type integer with format int32 in spec.resources.gpu.count',
            },
          ],
        ],
        [
          'a number where a string belongs',
          { model: { id: 5 } },
          [
            {
              reason: 'FieldValueTypeInvalid',
              field: 'spec.model.id',
              message:
                'Invalid value: "integer": spec.model.id in body must be of type string: "integer"',
            },
          ],
        ],
        [
          'an element of a list',
          { model, engine: { extraArgs: ['a', 1] } },
          [
            {
              reason: 'FieldValueTypeInvalid',
              field: 'spec.engine.extraArgs[1]',
              message:
                'Invalid value: "integer": spec.engine.extraArgs[1] in body must be of type string: "integer"',
            },
          ],
        ],
        [
          'a pattern',
          { model: { ...model, storage: { volumes: [{ name: 'No_' }] } } },
          [
            {
              reason: 'FieldValueInvalid',
              field: 'spec.model.storage.volumes[0].name',
              message:
                'Invalid value: "No_": spec.model.storage.volumes[0].name in body should match \'^[a-z0-9]([-a-z0-9]*[a-z0-9])?$\'',
            },
          ],
        ],
        [
          'a length',
          { model: { ...model, storage: { volumes: [{ name: 'a'.repeat(64) }] } } },
          [
            {
              reason: 'FieldValueTooLong',
              field: 'spec.model.storage.volumes[0].name',
              message: 'Too long: may not be more than 63 bytes',
            },
          ],
        ],
        [
          'a key of a list that comes twice',
          { model: { ...model, storage: { volumes: [{ name: 'a' }, { name: 'a' }] } } },
          [
            {
              reason: 'FieldValueDuplicate',
              field: 'spec.model.storage.volumes[1]',
              message: 'Duplicate value: {"name":"a"}',
            },
          ],
        ],
        [
          'too many items',
          {
            model: {
              ...model,
              storage: { volumes: 'abcdefghi'.split('').map((name) => ({ name })) },
            },
          },
          [
            {
              reason: 'FieldValueTooMany',
              field: 'spec.model.storage.volumes',
              message: 'Too many: 9: must have at most 8 items',
            },
          ],
        ],
      ])('%s', async (_, spec, causes) => {
        expect(await causesOf(spec)).toEqual(causes)
      })

      test('all mistakes at once', async () => {
        const causes = await causesOf({
          model: { id: 5, source: 'foo' },
          engine: { type: 'foo', args: { a: 1 } },
          scaling: { replicas: -1 },
          env: [{ value: 'x' }],
        })
        expect(sorted(causes.map((cause) => cause.field))).toEqual([
          'spec.engine.args.a',
          'spec.engine.type',
          'spec.env[0].name',
          'spec.model.id',
          'spec.model.source',
          'spec.scaling.replicas',
        ])
      })

      test('names, labels and their types', async () => {
        const subdomain =
          "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
        expect((await refusal(create('Bad_Name'))).details!.causes).toEqual([
          {
            reason: 'FieldValueInvalid',
            message: `Invalid value: "Bad_Name": ${subdomain}`,
            field: 'metadata.name',
          },
        ])
        expect((await refusal(create(undefined as never))).message).toBe(
          'ModelDeployment.airunway.ai "" is invalid: metadata.name: Required value: name or generateName is required',
        )
        const [cause] = await causesOf({ model }, { labels: { ok: 'no good' } })
        expect(cause).toMatchObject({ reason: 'FieldValueInvalid', field: 'metadata.labels' })
        expect(await refusal(create('x', { model }, { labels: { a: 1 } }))).toMatchObject({
          code: 400,
          message:
            'ModelDeployment in version "v1alpha1" cannot be handled as a ModelDeployment: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
        })
      })

      test('fieldValidation: Strict refuses, Warn warns, Ignore is silent; all others prune', async () => {
        const body = toDeployment('unknown', { model: { id: 'x', foo: 1 }, foo: 1 })
        const send = (fieldValidation: string | undefined) =>
          admin.raw('POST', path, { body, query: { fieldValidation, dryRun: 'All' } })
        expect((await send('Strict')).body).toMatchObject({
          code: 400,
          reason: 'BadRequest',
          message:
            'ModelDeployment in version "v1alpha1" cannot be handled as a ModelDeployment: strict decoding error: unknown field "spec.foo", unknown field "spec.model.foo"',
        })
        for (const mode of ['Warn', undefined]) {
          const warned = await send(mode)
          expect(warned.status).toBe(201)
          expect(warned.headers['warning']).toEqual([
            '299 - "unknown field \\"spec.foo\\""',
            '299 - "unknown field \\"spec.model.foo\\""',
          ])
          expect(warned.body.spec).toEqual({ model: { id: 'x', source: 'huggingface' } })
        }
        expect((await send('Ignore')).headers['warning']).toBeUndefined()
      })

      test('fields under preserve-unknown-fields are kept', async () => {
        const overrides = { any: { thing: [1, 'two'] } }
        const { spec } = await create('overrides', { model, provider: { overrides } })
        expect(spec.provider.overrides).toEqual(overrides)
      })
    })

    describe('get and list', () => {
      const names = ['list-a', 'list-b', 'list-c']
      beforeAll(async () => {
        for (const name of names)
          await create(name, undefined, { labels: { list: 'yes', [name]: 'x' } })
      })
      const list = (query: RequestOptions['query'], client = admin) =>
        client.request('GET', path, { query: { labelSelector: 'list=yes', ...query } })

      test('404 NotFound, also in a namespace that does not exist', async () => {
        const details = { name: 'missing', group: 'airunway.ai', kind: 'modeldeployments' }
        const message = 'modeldeployments.airunway.ai "missing" not found'
        for (const at of [path, path.replace(namespace, 'nowhere')]) {
          expect(await refusal(admin.request('GET', `${at}/missing`))).toEqual({
            code: 404,
            reason: 'NotFound',
            message,
            details,
          })
        }
        const { items } = await admin.request('GET', path.replace(namespace, 'nowhere'))
        expect(items).toEqual([])
      })

      test('a list is sorted and carries kind, version and an empty continue', async () => {
        const body = await list({})
        expect(body).toMatchObject({
          kind: 'ModelDeploymentList',
          apiVersion: 'airunway.ai/v1alpha1',
          metadata: { continue: '' },
        })
        expect(body.metadata.resourceVersion).toMatch(/^\d+$/)
        expect(body.items.map((item: KubeObject) => item.metadata.name)).toEqual(names)
        expect(body.items[0]).toMatchObject({
          kind: 'ModelDeployment',
          apiVersion: 'airunway.ai/v1alpha1',
        })
      })

      test('items of built-in lists do not repeat their kind', async () => {
        const body = await admin.request('GET', '/api/v1/namespaces')
        expect(body).toMatchObject({ kind: 'NamespaceList', apiVersion: 'v1' })
        expect(Object.keys(body.items[0]).toSorted()).toEqual(['metadata', 'spec', 'status'])
        expect(body.metadata.continue).toBeUndefined()
      })

      test('pages are one consistent list, whatever happens between them', async () => {
        const first = await admin.request('GET', path, { query: { limit: 2 } })
        const total = 2 + first.metadata.remainingItemCount
        await create('aaa-between')
        const collected = [...first.items]
        let { continue: token } = first.metadata
        while (token) {
          const page = await admin.request('GET', path, { query: { limit: 2, continue: token } })
          expect(page.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
          collected.push(...page.items)
          token = page.metadata.continue
        }
        expect(collected).toHaveLength(total)
        expect(collected.map((item) => item.metadata.name)).not.toContain('aaa-between')
        await admin.request('DELETE', `${path}/aaa-between`)
      })

      test('remainingItemCount is omitted with a selector', async () => {
        const page = await list({ limit: 1 })
        expect(page.items).toHaveLength(1)
        expect(page.metadata.continue).toBeTruthy()
        expect(page.metadata.remainingItemCount).toBeUndefined()
      })

      test.each([
        ['list-a', ['list-a']],
        ['!list-a', ['list-b', 'list-c']],
        ['list-a=x', ['list-a']],
        ['list-a!=x', ['list-b', 'list-c']],
        ['list in (yes,no),list-b', ['list-b']],
        ['list-c notin (x)', ['list-a', 'list-b']],
        ['list-c in (y)', []],
      ])('labelSelector %s', async (selector, expected) => {
        const labelSelector = `list=yes,${selector}`
        const { items } = await admin.request('GET', path, { query: { labelSelector } })
        expect(items.map((item: KubeObject) => item.metadata.name)).toEqual(expected)
      })

      test('fieldSelector takes a value literally whose commas and equals signs are escaped', async () => {
        const fieldSelector = String.raw`metadata.name=list-b\,metadata.name\=list-a`
        expect((await list({ fieldSelector })).items).toEqual([])
      })
      test('fieldSelector by name and namespace; others are refused', async () => {
        const byName = await list({ fieldSelector: 'metadata.name=list-b' })
        expect(byName.items).toHaveLength(1)
        const all = await admin.request('GET', `${groupPath}/modeldeployments`, {
          query: { labelSelector: 'list=yes', fieldSelector: `metadata.namespace!=${namespace}` },
        })
        expect(all.items).toEqual([])
        expect(await refusal(list({ fieldSelector: 'spec.foo=a' }))).toMatchObject({
          code: 400,
          message: 'field label not supported: spec.foo',
        })
      })

      test('resourceVersion: 0 answers from any version, a bad one is 400, one to come is 504', async () => {
        expect((await list({ resourceVersion: '0', limit: 1 })).items).toHaveLength(3)
        expect(await refusal(list({ resourceVersion: 'abc' }))).toMatchObject({
          code: 400,
          message:
            'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
        })
        const response = await admin.raw('GET', path, { query: { resourceVersion: '99999999' } })
        expect(response.headers['retry-after']).toBe('1')
        expect(response.body).toMatchObject({
          code: 504,
          reason: 'Timeout',
          details: { causes: [{ reason: 'ResourceVersionTooLarge' }], retryAfterSeconds: 1 },
        })
        expect(response.body.message).toMatch(
          /^Timeout: Too large resource version: 99999999, current: \d+$/,
        )
      }, 10_000)

      test('resourceVersionMatch=Exact shows the past', async () => {
        const before = (await list({})).metadata.resourceVersion
        await create('list-d', undefined, { labels: { list: 'yes' } })
        await admin.request('DELETE', `${path}/list-d`)
        const then = await list({ resourceVersion: before, resourceVersionMatch: 'Exact' })
        expect(then.metadata.resourceVersion).toBe(before)
        expect(then.items.map((item: KubeObject) => item.metadata.name)).toEqual(names)
        expect(await refusal(list({ resourceVersionMatch: 'Exact' }))).toMatchObject({
          code: 422,
          message:
            'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
        })
      })

      test('a continue token that is none is 400', async () => {
        const status = await refusal(list({ limit: 1, continue: 'bm9uZQ' }))
        expect(status).toMatchObject({ code: 400, reason: 'BadRequest' })
        expect(status.message).toMatch(/^invalid continue token: continue key is not valid:/)
      })

      test('as a table, with the printer columns', async () => {
        const table = (
          await admin.raw('GET', `${path}/list-a`, { headers: { accept: tableAccept } })
        ).body
        expect(table).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' })
        expect(
          table.columnDefinitions.map((column: Untyped) => [column.name, column.type]),
        ).toEqual([
          ['Name', 'string'],
          ['Phase', 'string'],
          ['Provider', 'string'],
          ['Engine', 'string'],
          ['Replicas', 'integer'],
          ['Age', 'date'],
        ])
        expect(table.rows[0].cells.slice(0, 5)).toEqual(['list-a', null, null, null, null])
        expect(table.rows[0].cells[5]).toMatch(/^\d+s$/)
        expect(table.rows[0].object).toMatchObject({
          kind: 'PartialObjectMetadata',
          metadata: { name: 'list-a' },
        })
      })

      test('as metadata alone; an Accept that cannot be met is 406', async () => {
        const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
        const body = await admin.request('GET', path, { headers: { accept } })
        expect(body.kind).toBe('PartialObjectMetadataList')
        expect(body.items[0].spec).toBeUndefined()
        expect(
          await refusal(admin.request('GET', path, { headers: { accept: 'text/html' } })),
        ).toMatchObject({
          code: 406,
          reason: 'NotAcceptable',
        })
      })
    })

    describe('update and patch', () => {
      const put = (object: KubeObject, at = `${path}/${object.metadata.name}`) =>
        admin.request('PUT', at, { body: object })
      const patch = (name: string, body: unknown, query: RequestOptions['query'] = {}) =>
        admin.request('PATCH', `${path}/${name}`, { body, contentType: mergePatch, query })

      test('the generation counts changes of the spec alone', async () => {
        const created = await create('generation')
        const labelled = await patch('generation', { metadata: { labels: { a: 'b' } } })
        expect(labelled.metadata.generation).toBe(1)
        const scaled = await put({
          ...labelled,
          spec: { ...created['spec'], scaling: { replicas: 2 } },
        })
        expect(scaled.metadata.generation).toBe(2)
        expect(Number(scaled.metadata.resourceVersion)).toBeGreaterThan(
          Number(created.metadata.resourceVersion),
        )
      })

      test('an update that changes nothing keeps the version', async () => {
        const created = await create('unchanged')
        expect((await put(created)).metadata.resourceVersion).toBe(created.metadata.resourceVersion)
        const patched = await patch('unchanged', {})
        expect(patched.metadata.resourceVersion).toBe(created.metadata.resourceVersion)
      })

      test('409 Conflict when the version is not the present one', async () => {
        const created = await create('conflict')
        await patch('conflict', { spec: { scaling: { replicas: 2 } } })
        const stale = { ...created, spec: { ...created['spec'], scaling: { replicas: 3 } } }
        const expected = {
          code: 409,
          reason: 'Conflict',
          message:
            'Operation cannot be fulfilled on modeldeployments.airunway.ai "conflict": the object has been modified; please apply your changes to the latest version and try again',
          details: { name: 'conflict', group: 'airunway.ai', kind: 'modeldeployments' },
        }
        expect(await refusal(put(stale))).toEqual(expected)
        const { resourceVersion } = created.metadata
        expect(
          await refusal(patch('conflict', { metadata: { resourceVersion }, spec: { image: 'x' } })),
        ).toEqual(expected)
      })

      test('an update needs the version, the name and the identity of the object', async () => {
        const created = await create('identity')
        expect(await refusal(put(toDeployment('identity')))).toMatchObject({
          code: 422,
          message:
            'modeldeployments.airunway.ai "identity" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
        })
        expect(await refusal(put(toDeployment('other'), `${path}/identity`))).toMatchObject({
          code: 400,
          message: 'the name of the object (other) does not match the name on the URL (identity)',
        })
        const uid = '11111111-1111-1111-1111-111111111111'
        const status = await refusal(put({ ...created, metadata: { ...created.metadata, uid } }))
        expect(status).toMatchObject({ code: 409, reason: 'Conflict' })
        expect(status.message).toContain(`Precondition failed: UID in precondition: ${uid}`)
        expect(
          await refusal(put(toDeployment('gone', undefined, { resourceVersion: '1' }))),
        ).toMatchObject({ code: 404 })
      })

      test('a merge patch removes with null and validates the result', async () => {
        await create('merge', { model: { id: 'a/b' }, image: 'x', scaling: { replicas: 2 } })
        const { spec } = await patch('merge', { spec: { image: null, scaling: { replicas: 5 } } })
        expect(spec).toEqual({
          model: { id: 'a/b', source: 'huggingface' },
          scaling: { replicas: 5 },
        })
        expect(await refusal(patch('merge', { spec: { engine: { type: 'foo' } } }))).toMatchObject({
          code: 422,
          details: { name: 'merge', causes: [{ field: 'spec.engine.type' }] },
        })
        expect(await refusal(patch('missing', {}))).toMatchObject({ code: 404 })
        const dry = await patch('merge', { spec: { scaling: { replicas: 7 } } }, { dryRun: 'All' })
        expect(dry.spec.scaling.replicas).toBe(7)
        expect((await admin.request('GET', `${path}/merge`)).spec.scaling.replicas).toBe(5)
      })

      test('a strict patch names unknown fields', async () => {
        await create('strict-patch')
        const status = await refusal(
          patch('strict-patch', { spec: { nope: 1 } }, { fieldValidation: 'Strict' }),
        )
        expect(status).toMatchObject({
          code: 422,
          reason: 'Invalid',
          details: { causes: [{ reason: 'FieldValueInvalid', field: 'patch' }] },
        })
        expect(status.message).toMatch(
          /^ "" is invalid: patch: .*strict decoding error: unknown field "spec.nope"$/,
        )
      })

      test('a JSON patch works, and one that does not fit is 422', async () => {
        await create('json-patch', { model: { id: 'a/b' }, scaling: { replicas: 1 } })
        const send = (operations: object[]) =>
          admin.request('PATCH', `${path}/json-patch`, {
            body: operations,
            contentType: 'application/json-patch+json',
          })
        const { spec } = await send([
          { op: 'test', path: '/spec/scaling/replicas', value: 1 },
          { op: 'replace', path: '/spec/scaling/replicas', value: 4 },
          { op: 'add', path: '/spec/image', value: 'x' },
        ])
        expect(spec).toMatchObject({ image: 'x', scaling: { replicas: 4 } })
        expect(
          await refusal(send([{ op: 'test', path: '/spec/scaling/replicas', value: 1 }])),
        ).toEqual({
          code: 422,
          reason: 'Invalid',
          message: 'the server rejected our request due to an error in our request',
          details: {},
        })
      })

      test('status and spec are changed through their own paths alone', async () => {
        const created = await create('status')
        const at = `${path}/status/status`
        const updated = await admin.request('PUT', at, {
          body: { ...created, spec: { model: { id: 'other' } }, status: { phase: 'Running' } },
        })
        expect(updated).toMatchObject({
          spec: { model: { id: 'a/b' } },
          status: { phase: 'Running' },
        })
        expect(updated.metadata.generation).toBe(1)
        const replaced = await put({
          ...updated,
          status: { phase: 'Failed' },
          spec: { model: { id: 'c' } },
        })
        expect(replaced.status).toEqual({ phase: 'Running' })
        const patched = await admin.request('PATCH', at, {
          contentType: mergePatch,
          body: { spec: { image: 'x' }, status: { replicas: { ready: 1 } } },
        })
        expect(patched.status).toEqual({ phase: 'Running', replicas: { ready: 1 } })
        expect(patched.spec.image).toBeUndefined()
      })

      test('status is validated; sentences name the field without the status', async () => {
        await create('bad-status')
        const body = {
          status: { phase: 'Odd', conditions: [{ type: 'a', lastTransitionTime: 'x' }] },
        }
        const options = { contentType: mergePatch, body }
        const status = await refusal(admin.request('PATCH', `${path}/bad-status/status`, options))
        expect(
          status.details!.causes!.map(({ field, message }) => `${field}: ${message}`).toSorted(),
        ).toEqual([
          'status.conditions[0].lastTransitionTime: Invalid value: "x": conditions[0].lastTransitionTime in body must be of type date-time: "x"',
          'status.conditions[0].message: Required value',
          'status.conditions[0].reason: Required value',
          'status.conditions[0].status: Required value',
          'status.phase: Unsupported value: "Odd": supported values: "Pending", "Deploying", "Running", "Failed", "Terminating"',
        ])
      })

      test('uid and deletionTimestamp are immutable', async () => {
        await create('immutable')
        expect((await refusal(patch('immutable', { metadata: { uid: 'other' } }))).message).toBe(
          'ModelDeployment.airunway.ai "immutable" is invalid: metadata.uid: Invalid value: "other": field is immutable',
        )
      })
    })

    describe('delete', () => {
      const remove = (name: string, options: RequestOptions = {}) =>
        admin.request('DELETE', `${path}/${name}`, options)

      test('answers Success with the uid, then 404', async () => {
        const { metadata } = await create('deleted')
        expect(await remove('deleted')).toEqual({
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Success',
          details: {
            name: 'deleted',
            group: 'airunway.ai',
            kind: 'modeldeployments',
            uid: metadata.uid,
          },
        })
        expect(await refusal(remove('deleted'))).toMatchObject({ code: 404 })
      })

      test('dryRun deletes nothing', async () => {
        await create('dry-delete')
        expect(await remove('dry-delete', { query: { dryRun: 'All' } })).toMatchObject({
          status: 'Success',
        })
        expect((await admin.raw('GET', `${path}/dry-delete`)).status).toBe(200)
      })

      test('preconditions guard against deleting another object', async () => {
        const { metadata } = await create('guarded')
        expect(await refusal(remove('guarded', { body: { preconditions: { uid: 'x' } } }))).toEqual(
          {
            code: 409,
            reason: 'Conflict',
            message: `Operation cannot be fulfilled on ModelDeployment.airunway.ai "guarded": the UID in the precondition (x) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
            details: { name: 'guarded', group: 'airunway.ai', kind: 'ModelDeployment' },
          },
        )
        const version = { preconditions: { resourceVersion: '1' } }
        expect((await refusal(remove('guarded', { body: version }))).message).toMatch(
          /the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record \(\d+\)/,
        )
        await remove('guarded', { body: { preconditions: { uid: metadata.uid } } })
      })

      test('a finalizer holds the object until it is removed', async () => {
        await create('held', undefined, { finalizers: ['airunway.ai/test'] })
        const ending = await remove('held')
        expect(ending.metadata).toMatchObject({ generation: 2, deletionGracePeriodSeconds: 0 })
        expect(ending.metadata.deletionTimestamp).toMatch(/Z$/)
        expect((await remove('held')).metadata.resourceVersion).toBe(
          ending.metadata.resourceVersion,
        )
        expect((await refusal(create('held'))).message).toBe(
          'object is being deleted: modeldeployments.airunway.ai "held" already exists',
        )
        const setFinalizers = (finalizers: string[] | null) =>
          admin.request('PATCH', `${path}/held`, {
            contentType: mergePatch,
            body: { metadata: { finalizers } },
          })
        expect(
          (await refusal(setFinalizers(['airunway.ai/test', 'airunway.ai/more']))).message,
        ).toBe(
          'ModelDeployment.airunway.ai "held" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"airunway.ai/more"}',
        )
        await setFinalizers(null)
        expect((await admin.raw('GET', `${path}/held`)).status).toBe(404)
      })

      test('a finalizer without a domain is accepted with a warning', async () => {
        const body = toDeployment('bare-finalizer', undefined, { finalizers: ['nope'] })
        const response = await admin.raw('POST', path, { body, query: { dryRun: 'All' } })
        expect(response.headers['warning']).toBe(
          '299 - "metadata.finalizers: \\"nope\\": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers"',
        )
      })

      test('foreground and orphan deletion mark the object with their finalizer', async () => {
        const seen: Record<string, string[] | undefined> = {}
        for (const propagationPolicy of ['Foreground', 'Orphan']) {
          const name = propagationPolicy.toLowerCase()
          await create(name)
          seen[name] = (await remove(name, { body: { propagationPolicy } })).metadata.finalizers
        }
        expect(seen).toEqual({ foreground: ['foregroundDeletion'], orphan: ['orphan'] })
        expect((await refusal(remove('x', { query: { propagationPolicy: 'Odd' } }))).message).toBe(
          'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Odd": supported values: "Foreground", "Background", "Orphan", "nil"',
        )
      })

      test('a collection goes by its selector', async () => {
        for (const name of ['bulk-a', 'bulk-b'])
          await create(name, undefined, { labels: { bulk: 'yes' } })
        const query = { labelSelector: 'bulk=yes' }
        const gone = await admin.request('DELETE', path, { query })
        expect(gone.items.map((item: KubeObject) => item.metadata.name)).toEqual([
          'bulk-a',
          'bulk-b',
        ])
        expect((await admin.request('GET', path, { query })).items).toEqual([])
      })

      test('system namespaces stay', async () => {
        expect(
          await refusal(admin.request('DELETE', '/api/v1/namespaces/kube-system')),
        ).toMatchObject({
          code: 403,
          reason: 'Forbidden',
          message: 'namespaces "kube-system" is forbidden: this namespace may not be deleted',
        })
      })

      test('a namespace that is being deleted takes nothing new', async () => {
        const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ending' } }
        await admin.request('POST', '/api/v1/namespaces', { body })
        const inside = path.replace(namespace, 'ending')
        const held = toDeployment('held', undefined, { finalizers: ['airunway.ai/test'] })
        await admin.request('POST', inside, { body: held })
        const ending = await admin.request('DELETE', '/api/v1/namespaces/ending')
        expect(ending.status.phase).toBe('Terminating')
        expect(
          await refusal(admin.request('POST', inside, { body: toDeployment('late') })),
        ).toEqual({
          code: 403,
          reason: 'Forbidden',
          message:
            'modeldeployments.airunway.ai "late" is forbidden: unable to create new content in namespace ending because it is being terminated',
          details: {
            name: 'late',
            group: 'airunway.ai',
            kind: 'modeldeployments',
            causes: [
              {
                reason: 'NamespaceTerminating',
                message: 'namespace ending is being terminated',
                field: 'metadata.namespace',
              },
            ],
          },
        })
      })
    })

    describe('watch', () => {
      const watch = (query: RequestOptions['query'], client = admin) => collect(client, path, query)

      test('tells every change after a version, and the deletion with a version of its own', async () => {
        const { metadata } = await admin.request('GET', path, { query: { limit: 1 } })
        const watching = watch({
          resourceVersion: metadata.resourceVersion,
          fieldSelector: 'metadata.name=watched',
        })
        await create('watched')
        await admin.request('PATCH', `${path}/watched`, {
          body: { spec: { image: 'x' } },
          contentType: mergePatch,
        })
        const { uid } = (await admin.request('GET', `${path}/watched`)).metadata
        await admin.request('DELETE', `${path}/watched`)
        const events = await watching.until((all) => all.length === 3)
        expect(events.map((event) => event.type)).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
        expect(events.every((event) => event.object.metadata.uid === uid)).toBe(true)
        const versions = events.map((event) => Number(event.object.metadata.resourceVersion))
        expect(versions).toEqual(versions.toSorted((a, b) => a - b))
        expect(new Set(versions).size).toBe(3)
        expect(events[2]!.object.spec.image).toBe('x')
      })

      test('catches up from a version in the past', async () => {
        const { metadata } = await create('past')
        await admin.request('PATCH', `${path}/past`, {
          body: { spec: { image: 'x' } },
          contentType: mergePatch,
        })
        const watching = watch({
          resourceVersion: metadata.resourceVersion!,
          fieldSelector: 'metadata.name=past',
        })
        const [event] = await watching.until((all) => all.length === 1)
        expect(event).toMatchObject({ type: 'MODIFIED', object: { spec: { image: 'x' } } })
      })

      test('without a version it starts with what is there', async () => {
        await create('present')
        const watching = watch({ fieldSelector: 'metadata.name=present' })
        const [event] = await watching.until((all) => all.length === 1)
        expect(event).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'present' } } })
      })

      test('an object enters and leaves with its labels', async () => {
        const { metadata } = await create('relabelled')
        const watching = watch({
          resourceVersion: metadata.resourceVersion!,
          labelSelector: 'in=yes',
        })
        for (const labels of [{ in: 'yes' }, { in: 'yes', more: 'x' }, { in: null }]) {
          const body = { metadata: { labels } }
          await admin.request('PATCH', `${path}/relabelled`, { body, contentType: mergePatch })
        }
        const events = await watching.until((all) => all.length === 3)
        expect(events.map((event) => event.type)).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
      })

      test('sendInitialEvents ends the present state with a marked bookmark', async () => {
        await create('initial')
        const watching = watch({
          sendInitialEvents: true,
          resourceVersionMatch: 'NotOlderThan',
          allowWatchBookmarks: true,
          fieldSelector: 'metadata.name=initial',
        })
        const [added, bookmark] = await watching.until((all) => all.length === 2)
        expect(added!.type).toBe('ADDED')
        expect(bookmark).toMatchObject({
          type: 'BOOKMARK',
          object: {
            kind: 'ModelDeployment',
            apiVersion: 'airunway.ai/v1alpha1',
            metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
          },
        })
        expect(bookmark!.object.metadata.resourceVersion).toMatch(/^\d+$/)
        expect((await refusal(watch({ sendInitialEvents: true }).end())).message).toBe(
          'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
        )
      })

      test('a bookmark comes two seconds before the timeout, which ends the watch', async () => {
        await create('for-bookmark')
        // A server that finds no time for a bookmark leaves it out (KEP-956), which a busy machine makes likely.
        await eventually(async () => {
          const { metadata } = await admin.request('GET', path, { query: { limit: 1 } })
          const startedAt = Date.now()
          const watching = watch({
            resourceVersion: metadata.resourceVersion,
            allowWatchBookmarks: true,
            fieldSelector: 'metadata.name=none',
            timeoutSeconds: 4,
          })
          const changed = await admin.request('PATCH', `${path}/for-bookmark`, {
            body: { metadata: { labels: { at: String(startedAt) } } },
            contentType: mergePatch,
          })
          const events = await watching.end()
          expect(Date.now() - startedAt).toBeGreaterThan(3_500)
          // One more may come by the minute's beat.
          expect(new Set(events.map((event) => event.type))).toEqual(new Set(['BOOKMARK']))
          expect(Number(events.at(-1)!.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(
            Number(changed.metadata.resourceVersion),
          )
        }, 50_000)
      })

      test('a version from the future is silence, a bad one an error', async () => {
        const query = { timeoutSeconds: 1, resourceVersion: '99999999' }
        expect(await watch(query).end()).toEqual([])
        expect(await refusal(watch({ resourceVersion: 'abc' }).end())).toMatchObject({
          code: 500,
          message:
            'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
        })
      })

      test('needs the right to watch', async () => {
        expect((await refusal(watch({}, powerless).end())).message).toContain(
          'cannot watch resource',
        )
      })
    })

    describe('who may do what', () => {
      const powerlessUser = 'system:serviceaccount:kubeairunway-hub:without-rights'

      test('the hub may do what it needs, and nothing else', async () => {
        const body = toDeployment('by-hub')
        expect((await hub.raw('POST', path, { body })).status).toBe(201)
        for (const [method, at] of [
          ['GET', path],
          ['GET', '/api/v1/pods'],
          ['GET', '/api/v1/nodes'],
          ['GET', '/api/v1/namespaces'],
          ['GET', '/api/v1/events'],
          ['GET', `${groupPath}/inferenceproviderconfigs`],
          ['DELETE', `${path}/by-hub`],
        ] as const) {
          expect([at, (await hub.raw(method, at)).status]).toEqual([at, 200])
        }
        for (const [method, at] of [
          ['GET', '/apis/apps/v1/daemonsets'],
          ['GET', '/api/v1/secrets'],
          ['DELETE', '/api/v1/namespaces/default/pods/x'],
          ['DELETE', path],
          ['GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles'],
        ] as const) {
          expect([at, (await hub.raw(method, at)).status]).toEqual([at, 403])
        }
      })

      test.each([
        [
          'GET',
          path,
          'modeldeployments.airunway.ai is forbidden: User "$user" cannot list resource "modeldeployments" in API group "airunway.ai" in the namespace "conformance"',
          { group: 'airunway.ai', kind: 'modeldeployments' },
        ],
        [
          'GET',
          `${groupPath}/modeldeployments`,
          'modeldeployments.airunway.ai is forbidden: User "$user" cannot list resource "modeldeployments" in API group "airunway.ai" at the cluster scope',
          { group: 'airunway.ai', kind: 'modeldeployments' },
        ],
        [
          'GET',
          `${path}/x`,
          'modeldeployments.airunway.ai "x" is forbidden: User "$user" cannot get resource "modeldeployments" in API group "airunway.ai" in the namespace "conformance"',
          { name: 'x', group: 'airunway.ai', kind: 'modeldeployments' },
        ],
        [
          'DELETE',
          path,
          'modeldeployments.airunway.ai is forbidden: User "$user" cannot deletecollection resource "modeldeployments" in API group "airunway.ai" in the namespace "conformance"',
          { group: 'airunway.ai', kind: 'modeldeployments' },
        ],
        [
          'GET',
          `${path}/x/status`,
          'modeldeployments.airunway.ai "x" is forbidden: User "$user" cannot get resource "modeldeployments/status" in API group "airunway.ai" in the namespace "conformance"',
          { name: 'x', group: 'airunway.ai', kind: 'modeldeployments' },
        ],
        [
          'GET',
          '/api/v1/namespaces/default/pods/x/log',
          'pods "x" is forbidden: User "$user" cannot get resource "pods/log" in API group "" in the namespace "default"',
          { name: 'x', kind: 'pods' },
        ],
        [
          'GET',
          '/api/v1/namespaces/default',
          'namespaces "default" is forbidden: User "$user" cannot get resource "namespaces" in API group "" in the namespace "default"',
          { name: 'default', kind: 'namespaces' },
        ],
        [
          'GET',
          '/api/v1/nodes/x',
          'nodes "x" is forbidden: User "$user" cannot get resource "nodes" in API group "" at the cluster scope',
          { name: 'x', kind: 'nodes' },
        ],
        ['GET', '/metrics', 'forbidden: User "$user" cannot get path "/metrics"', {}],
      ])('403 %s %s', async (method, at, message, details) => {
        expect(await refusal(powerless.request(method, at))).toEqual({
          code: 403,
          reason: 'Forbidden',
          message: message.replace('$user', powerlessUser),
          details,
        })
      })

      test('no credential is system:anonymous, a wrong one is 401', async () => {
        const anonymous = createKubeClient(withUser(cluster.kubeconfig('client-certificate'), {}))
        expect((await refusal(anonymous.request('GET', path))).message).toContain(
          'User "system:anonymous"',
        )
        expect((await anonymous.raw('GET', '/version')).status).toBe(200)
        expect((await anonymous.raw('GET', '/apis')).status).toBe(403)
        const wrong = createKubeClient(
          withUser(cluster.kubeconfig('client-certificate'), { token: 'wrong' }),
        )
        expect((await wrong.raw('GET', '/version')).body).toEqual({
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: 'Unauthorized',
          reason: 'Unauthorized',
          code: 401,
        })
        await Promise.all([anonymous.close(), wrong.close()])
      })

      test('a client certificate names user and groups, and roles are granted to both', async () => {
        const kubeconfig = await cluster.kubeconfigFor({
          user: 'jane',
          groups: ['readers', 'writers'],
        })
        const jane = createKubeClient(kubeconfig)
        expect(await whoAmI(jane)).toMatchObject({
          username: 'jane',
          groups: ['readers', 'writers', 'system:authenticated'],
        })
        expect((await jane.raw('GET', path)).status).toBe(403)
        await grantRole('readers', { verbs: ['list'] }, [{ kind: 'Group', name: 'readers' }])
        await eventually(async () => expect((await jane.raw('GET', path)).status).toBe(200))
        expect((await jane.raw('GET', `${groupPath}/modeldeployments`)).status).toBe(403)
        await jane.close()
      })

      test('resourceNames reach the named object and lists of that name', async () => {
        await create('named')
        const kubeconfig = await cluster.kubeconfigFor({ user: 'nina' })
        const nina = createKubeClient(kubeconfig)
        await grantRole('named', { verbs: ['get', 'list'], resourceNames: ['named'] }, [
          { kind: 'User', name: 'nina' },
        ])
        await eventually(async () =>
          expect((await nina.raw('GET', `${path}/named`)).status).toBe(200),
        )
        expect((await nina.raw('GET', `${path}/other`)).status).toBe(403)
        expect((await nina.raw('GET', path)).status).toBe(403)
        const query = { fieldSelector: 'metadata.name=named' }
        expect((await nina.raw('GET', path, { query })).status).toBe(200)
        await nina.close()
      })

      test('impersonation keeps two groups apart, and needs the right for each', async () => {
        const headers = { 'impersonate-user': 'joe', 'impersonate-group': ['one', 'two'] }
        expect(await whoAmI(admin, headers)).toEqual({
          username: 'joe',
          groups: ['one', 'two', 'system:authenticated'],
        })
        expect((await refusal(admin.request('GET', path, { headers }))).message).toContain(
          'User "joe" cannot list',
        )
        expect(
          (await refusal(admin.request('GET', path, { headers: { 'impersonate-group': 'one' } })))
            .code,
        ).toBe(400)
        const iris = createKubeClient(await cluster.kubeconfigFor({ user: 'iris' }))
        expect((await iris.raw('GET', path, { headers })).status).toBe(403)
        await admin.request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
          body: {
            metadata: { name: 'impersonator' },
            rules: [
              {
                apiGroups: [''],
                resources: ['users'],
                verbs: ['impersonate'],
                resourceNames: ['joe'],
              },
              {
                apiGroups: [''],
                resources: ['groups'],
                verbs: ['impersonate'],
                resourceNames: ['one'],
              },
            ],
          },
        })
        await admin.request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
          body: {
            metadata: { name: 'impersonator' },
            roleRef: {
              apiGroup: 'rbac.authorization.k8s.io',
              kind: 'ClusterRole',
              name: 'impersonator',
            },
            subjects: [{ kind: 'User', name: 'iris', apiGroup: 'rbac.authorization.k8s.io' }],
          },
        })
        const one = { 'impersonate-user': 'joe', 'impersonate-group': ['one'] }
        await eventually(async () => expect((await whoAmI(iris, one)).username).toBe('joe'))
        expect(await refusal(iris.request('GET', path, { headers }))).toEqual({
          code: 403,
          reason: 'Forbidden',
          message:
            'groups "two" is forbidden: User "iris" cannot impersonate resource "groups" in API group "" at the cluster scope',
          details: { name: 'two', kind: 'groups' },
        })
        await iris.close()
      })

      test('SelfSubjectAccessReview says what the asker may do, and why', async () => {
        const review = async (client: KubeClient, headers = {}) => {
          const { status } = await client.request(
            'POST',
            '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
            {
              headers,
              body: {
                apiVersion: 'authorization.k8s.io/v1',
                kind: 'SelfSubjectAccessReview',
                spec: {
                  resourceAttributes: {
                    verb: 'list',
                    group: 'airunway.ai',
                    resource: 'modeldeployments',
                    namespace,
                  },
                },
              },
            },
          )
          return status
        }
        expect(await review(hub)).toEqual({
          allowed: true,
          reason:
            'RBAC: allowed by ClusterRoleBinding "kubeairunway-hub" of ClusterRole "kubeairunway-hub" to ServiceAccount "kubeairunway-hub/kubeairunway-hub"',
        })
        expect(await review(powerless)).toEqual({ allowed: false })
        expect(await review(admin)).toEqual({ allowed: true })
        expect(await review(admin, { 'impersonate-user': 'joe' })).toEqual({ allowed: false })
      })

      test('SelfSubjectRulesReview lists what the asker may do in a namespace', async () => {
        const who = createKubeClient(await cluster.kubeconfigFor({ user: 'rula' }))
        const review = async (of: string) => {
          const { status } = await who.request(
            'POST',
            '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
            {
              body: {
                apiVersion: 'authorization.k8s.io/v1',
                kind: 'SelfSubjectRulesReview',
                spec: { namespace: of },
              },
            },
          )
          return status as { incomplete: boolean; resourceRules: { apiGroups: string[] }[] }
        }
        const own = ({ resourceRules }: Awaited<ReturnType<typeof review>>) =>
          resourceRules.filter(({ apiGroups }) => apiGroups.includes('airunway.ai'))
        await grantRole('rula', { verbs: ['get', 'list'] }, [{ kind: 'User', name: 'rula' }])
        await eventually(async () =>
          expect(own(await review(namespace))).toEqual([
            {
              verbs: ['get', 'list'],
              apiGroups: ['airunway.ai'],
              resources: ['modeldeployments'],
            },
          ]),
        )
        const elsewhere = await review('kube-system')
        expect(own(elsewhere)).toEqual([])
        expect(elsewhere.incomplete).toBe(false)
        expect(await refusal(review(''))).toMatchObject({
          code: 400,
          message: 'no namespace on request',
        })
        await who.close()
      })

      test('a binding to a role that is missing says so in the refusal', async () => {
        const lost = createKubeClient(await cluster.kubeconfigFor({ user: 'lost' }))
        await admin.request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
          body: {
            metadata: { name: 'dangling' },
            roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'nope' },
            subjects: [{ kind: 'User', name: 'lost', apiGroup: 'rbac.authorization.k8s.io' }],
          },
        })
        await eventually(async () =>
          expect((await refusal(lost.request('GET', '/api/v1/pods'))).message).toBe(
            'pods is forbidden: User "lost" cannot list resource "pods" in API group "" at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "nope" not found',
          ),
        )
        await lost.close()
      })

      test('a TokenRequest gives a token, which ends with its account', async () => {
        const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`
        await admin.request('POST', accounts, { body: { metadata: { name: 'robot' } } })
        const { status } = await admin.request('POST', `${accounts}/robot/token`, {
          body: { spec: { expirationSeconds: 600 } },
        })
        const robot = createKubeClient(
          withUser(cluster.kubeconfig('client-certificate'), { token: status.token }),
        )
        expect(await whoAmI(robot)).toMatchObject({
          username: `system:serviceaccount:${namespace}:robot`,
          groups: [
            'system:serviceaccounts',
            `system:serviceaccounts:${namespace}`,
            'system:authenticated',
          ],
        })
        await admin.request('DELETE', `${accounts}/robot`)
        await eventually(
          async () => expect((await robot.raw('GET', '/version')).status).toBe(401),
          20_000,
        )
        await robot.close()
      }, 30_000)

      test('Audit-ID is echoed as it came, else made up', async () => {
        const echo = async (value?: string) =>
          (await admin.raw('GET', '/version', value ? { headers: { 'audit-id': value } } : {}))
            .headers['audit-id']
        expect(await echo('mine')).toBe('mine')
        expect(await echo('x'.repeat(70))).toBe('x'.repeat(70))
        expect(await echo()).toMatch(/^[0-9a-f-]{36}$/)
      })

      async function whoAmI(client: KubeClient, headers = {}) {
        const answer = await client.request(
          'POST',
          '/apis/authentication.k8s.io/v1/selfsubjectreviews',
          {
            headers,
            body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
          },
        )
        const { username, groups } = answer.status.userInfo
        return { username, groups }
      }

      async function grantRole(name: string, rule: object, subjects: object[]) {
        const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
        await admin.request('POST', `${rbac}/roles`, {
          body: {
            metadata: { name },
            rules: [{ apiGroups: ['airunway.ai'], resources: ['modeldeployments'], ...rule }],
          },
        })
        await admin.request('POST', `${rbac}/rolebindings`, {
          body: {
            metadata: { name },
            roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
            subjects: subjects.map((each) => ({ apiGroup: 'rbac.authorization.k8s.io', ...each })),
          },
        })
      }
    })

    describe('webhook configurations', () => {
      const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
      const toConfiguration = (webhook: object) => ({
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'conformance' },
        webhooks: [{ name: 'a.b.io', ...webhook }],
      })

      test('are defaulted', async () => {
        const rule = {
          apiGroups: ['a'],
          apiVersions: ['v1'],
          operations: ['CREATE'],
          resources: ['b'],
        }
        const webhook = {
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          clientConfig: { url: 'https://127.0.0.1:1' },
        }
        const body = toConfiguration({ ...webhook, rules: [rule] })
        const { metadata, webhooks } = await admin.request('POST', configurations, { body })
        expect(metadata.generation).toBe(1)
        expect(webhooks).toEqual([
          {
            name: 'a.b.io',
            ...webhook,
            rules: [{ ...rule, scope: '*' }],
            failurePolicy: 'Fail',
            matchPolicy: 'Equivalent',
            namespaceSelector: {},
            objectSelector: {},
            timeoutSeconds: 10,
          },
        ])
        await admin.request('DELETE', `${configurations}/conformance`)
      })

      test('must say whom to ask, in which version and with what effects', async () => {
        const causesOf = async (webhook: object) => {
          const body = toConfiguration(webhook)
          const { details } = await refusal(admin.request('POST', configurations, { body }))
          return (details as Untyped).causes.map((each: Untyped) => `${each.field} ${each.message}`)
        }
        expect(await causesOf({})).toEqual([
          'webhooks[0].sideEffects Required value: must specify one of None, NoneOnDryRun',
          'webhooks[0].clientConfig Required value: exactly one of url or service is required',
          'webhooks[0].admissionReviewVersions Required value: must specify one of v1, v1beta1',
        ])
        const clientConfig = { url: 'https://127.0.0.1:1' }
        const admissionReviewVersions = ['v1']
        expect(
          await causesOf({ sideEffects: 'Some', admissionReviewVersions, clientConfig }),
        ).toEqual([
          'webhooks[0].sideEffects Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
        ])
      })
    })

    describe('pods', () => {
      const pods = `/api/v1/namespaces/${namespace}/pods`
      const createPod = (name: string, spec: object = {}) =>
        admin.request('POST', pods, {
          body: {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name },
            spec: {
              containers: [
                { name: 'c', image: 'i', resources: { limits: { 'nvidia.com/gpu': 2 } } },
              ],
              ...spec,
            },
          },
        })

      test('are defaulted: a limit is a request, numbers are quantities', async () => {
        const pod = await createPod('defaulted')
        expect(pod.spec.containers[0].resources).toEqual({
          limits: { 'nvidia.com/gpu': '2' },
          requests: { 'nvidia.com/gpu': '2' },
        })
        expect(pod.spec).toMatchObject({
          restartPolicy: 'Always',
          terminationGracePeriodSeconds: 30,
        })
        expect(pod.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' })
        await admin.request('DELETE', `${pods}/defaulted`)
        expect((await admin.raw('GET', `${pods}/defaulted`)).status).toBe(404)
      })

      test('are bound once, keep a grace period on their node, and go with grace 0', async () => {
        await createPod('bound')
        const binding = {
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { name: 'bound' },
          target: { apiVersion: 'v1', kind: 'Node', name: 'node-1' },
        }
        const bound = await admin.raw('POST', `${pods}/bound/binding`, { body: binding })
        expect(bound.status).toBe(201)
        expect((await admin.raw('POST', `${pods}/bound/binding`, { body: binding })).status).toBe(
          409,
        )
        const query = { fieldSelector: 'spec.nodeName=node-1' }
        expect((await admin.request('GET', '/api/v1/pods', { query })).items).toHaveLength(1)
        const ending = await admin.request('DELETE', `${pods}/bound`)
        expect(ending.metadata).toMatchObject({ deletionGracePeriodSeconds: 30 })
        expect(Date.parse(ending.metadata.deletionTimestamp)).toBeGreaterThan(Date.now() + 20_000)
        expect((await admin.raw('GET', `${pods}/bound`)).status).toBe(200)
        await admin.request('DELETE', `${pods}/bound`, { body: { gracePeriodSeconds: 0 } })
        expect((await admin.raw('GET', `${pods}/bound`)).status).toBe(404)
      })

      test('take no other spec, and need containers', async () => {
        await createPod('fixed')
        const status = await refusal(
          admin.request('PATCH', `${pods}/fixed`, {
            body: { spec: { nodeName: 'x' } },
            contentType: mergePatch,
          }),
        )
        expect(status).toMatchObject({
          code: 422,
          details: { causes: [{ field: 'spec', reason: 'FieldValueForbidden' }] },
        })
        expect((await refusal(createPod('empty', { containers: [] }))).message).toBe(
          'Pod "empty" is invalid: spec.containers: Required value',
        )
      })
    })

    describe('@kubernetes/client-node', () => {
      const config = () => {
        const loaded = new KubeConfig()
        loaded.loadFromString(cluster.kubeconfig('service-account-token'))
        return loaded
      }

      test('lists namespaces and custom resources with the same kubeconfig', async () => {
        await create('for-client-node')
        const namespaces = await config().makeApiClient(CoreV1Api).listNamespace()
        expect(namespaces.items.map((each) => each.metadata?.name)).toContain(namespace)
        const found: Untyped = await config()
          .makeApiClient(CustomObjectsApi)
          .getNamespacedCustomObject({
            group: 'airunway.ai',
            version: 'v1alpha1',
            namespace,
            plural: 'modeldeployments',
            name: 'for-client-node',
          })
        expect(found.spec.model.id).toBe('a/b')
      })

      test('watches', async () => {
        await create('for-watch')
        const seen = Promise.withResolvers<string>()
        const controller = await new Watch(config()).watch(
          path,
          { fieldSelector: 'metadata.name=for-watch' },
          (type, object) => seen.resolve(`${type} ${object.metadata.name}`),
          () => {},
        )
        expect(await seen.promise).toBe('ADDED for-watch')
        controller.abort()
      })
    })
  })
})

function toDeployment(
  name: string,
  spec: unknown = { model: { id: 'a/b' } },
  metadata: object = {},
): KubeObject {
  return {
    apiVersion: 'airunway.ai/v1alpha1',
    kind: 'ModelDeployment',
    metadata: { name, ...metadata },
    spec,
  }
}

/** The Status that a request is refused with, without what every Status has. */
async function refusal(request: Promise<unknown>) {
  const error = await request.then(
    () => new Error('was not refused'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof KubeError)) throw error
  const { code, reason, message, details } = error.status
  return { code, ...(reason && { reason }), message, ...(details && { details }) }
}

function sorted(texts: readonly (string | undefined)[]) {
  return texts.toSorted((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1))
}

function withUser(kubeconfig: string, user: object): string {
  const config = parse(kubeconfig)
  return stringify({ ...config, users: [{ name: config.users[0].name, user }] })
}

function collect(client: KubeClient, at: string, query: RequestOptions['query'] = {}) {
  const abort = new AbortController()
  const events: WatchEvent[] = []
  let wake = () => {}
  const ended = (async () => {
    for await (const event of client.watch(at, { query, signal: abort.signal })) {
      events.push(event)
      wake()
    }
    return events
  })()
  ended.catch(() => {}) // whoever awaits it sees it
  return {
    end: () => ended,
    until: async (isEnough: (events: WatchEvent[]) => boolean) => {
      while (!isEnough(events)) {
        const next = new Promise<void>((resolve) => (wake = resolve))
        const more = await Promise.race([
          next.then(() => true),
          ended.then(() => false),
          new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 5_000).unref()),
        ])
        if (!more) throw new Error(`the watch brought only ${JSON.stringify(events)}`)
      }
      abort.abort()
      return events
    },
  }
}
