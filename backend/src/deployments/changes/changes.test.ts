import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fastTimeline, startController, type Cluster, type KubeClient } from '@hub/demo'
import {
  DeletedDeployment,
  DeploymentChange,
  DeploymentManifest,
  RecreatedDeployment,
  Problem,
  TargetOutcomes,
  type DeploymentPatch,
} from '@hub/shared'
import { afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { selectAuditRows } from '#audit'
import type { TestDatabase } from '../../../test/databases.ts'
import { describeOnClusters } from '../../../test/describe-on-clusters.ts'
import type { Browser, TestHub } from '../../../test/hub.ts'

const collection = '/api/instances/prod-east/namespaces/ml-team/deployments'
const objects = '/apis/airunway.ai/v1alpha1/namespaces/ml-team/modeldeployments'
const mergePatch = 'application/merge-patch+json'
const assets = process.env['KUBEBUILDER_ASSETS']
const kubectlProgram = assets ? join(assets, 'kubectl') : null
const soon = { timeout: 30_000, interval: 25 }
const canary = 'canary-4f1d-never-in-an-audit-row'

describeOnClusters(
  'changing a deployment',
  {
    namespaces: ['ml-team'],
    options: ({ cluster, defer }) => {
      const kubeconfig = cluster.kubeconfig('client-certificate')
      defer(startController({ kubeconfig, timeline: fastTimeline }).stop)
      return {
        credentials: { 'prod-east': cluster.kubeconfig('service-account-token') },
        env: {
          HUB_GRANTS: JSON.stringify([
            { principal: 'oidc:bob', role: 'deployer', namespaces: ['ml-team'] },
            { principal: 'oidc:eve', role: 'viewer', namespaces: ['ml-team'] },
          ]),
        },
      }
    },
  },
  (world) => {
    let client: KubeClient
    let cluster: Cluster
    let database: TestDatabase
    let hub: TestHub
    let deployer: Browser
    let viewer: Browser

    beforeAll(async () => {
      ;({ client, cluster, database, hub } = world)
      deployer = hub.browser()
      viewer = hub.browser()
      await deployer.signIn('bob')
      await viewer.signIn('eve')
      await vi.waitFor(() => expect(hub.fleet.instanceState('prod-east').synced).toBe(true), soon)
    })

    // The nodes have GPUs for a few at a time.
    afterEach(async () => {
      const { items } = await client.request('GET', objects)
      for (const { metadata } of items as { metadata: { name: string } }[]) {
        await client.raw('DELETE', `${objects}/${metadata.name}`)
      }
    })

    const read = async <T>(schema: { parse(value: unknown): T }, response: Response) =>
      schema.parse(await response.json())
    const create = async (name: string, spec: object = {}, metadata: object = {}) => {
      await client.request('POST', objects, {
        body: {
          apiVersion: 'airunway.ai/v1alpha1',
          kind: 'ModelDeployment',
          metadata: { name, ...metadata },
          spec: {
            model: { id: 'Qwen/Qwen3-8B' },
            provider: { name: 'vllm' },
            engine: { type: 'vllm' },
            resources: { gpu: { count: 1 } },
            ...spec,
          },
        },
      })
    }
    const get = (name: string) => client.request('GET', `${objects}/${name}`)
    const edit = (name: string, body: object) =>
      client.request('PATCH', `${objects}/${name}`, {
        body,
        contentType: mergePatch,
        query: { fieldManager: 'kubectl-edit' },
      })
    const patch = (name: string, body: DeploymentPatch, ifMatch?: string, query = '') =>
      deployer.request(`${collection}/${name}${query}`, {
        method: 'PATCH',
        body: JSON.stringify(body),
        headers: {
          'content-type': 'application/json',
          ...(ifMatch !== undefined && { 'if-match': ifMatch }),
        },
      })
    const change = async (...args: Parameters<typeof patch>) => {
      const response = await patch(...args)
      expect([response.status, response.status === 200 || (await response.text())]).toEqual([
        200,
        true,
      ])
      return read(DeploymentChange, response)
    }
    const refused = async (status: number, ...args: Parameters<typeof patch>) => {
      const response = await patch(...args)
      expect(response.status).toBe(status)
      return read(Problem, response)
    }
    const manifestOf = async (name: string, browser = deployer) =>
      read(DeploymentManifest, await browser.get(`${collection}/${name}/manifest`))
    const running = (name: string, replicas: number) =>
      vi.waitFor(async () => {
        const { metadata, status } = await get(name)
        expect(status).toMatchObject({ phase: 'Running', replicas: { ready: replicas } })
        expect(status.observedGeneration).toBe(metadata.generation)
      }, soon)

    test('is scaling: the cluster follows, and everything else stays', async () => {
      await create('scaled', { env: [{ name: 'LEVEL', value: 'debug' }] })
      await running('scaled', 1)
      const changed = await change('scaled', { spec: { scaling: { replicas: 2 } } })
      expect(changed.before.spec).toMatchObject({ scaling: { replicas: 1 } })
      expect(changed.after.spec).toMatchObject({
        scaling: { replicas: 2 },
        env: [{ name: 'LEVEL', value: 'debug' }],
      })
      expect(changed.deployment.replicas.desired).toBe(2)
      await running('scaled', 2)
      const { metadata } = await get('scaled')
      expect(metadata.annotations['airunway.ai/changed-by']).toBe('oidc:bob')
      await change('scaled', { spec: { env: null } })
      expect((await get('scaled')).spec.env).toBeUndefined()
    })

    test('is no scaling of what has replicas for prefill and decode each', async () => {
      await create('parted', {
        provider: undefined,
        resources: undefined,
        serving: { mode: 'disaggregated' },
        scaling: { prefill: { gpu: { count: 1 } }, decode: { gpu: { count: 1 } } },
      })
      const refusals = await Promise.all([
        deployer.send('POST', `${collection}/parted/scale`, { replicas: 5 }),
        deployer.send('POST', '/api/deployments/actions', {
          action: 'scale',
          replicas: 5,
          deployments: [
            {
              instance: 'prod-east',
              namespace: 'ml-team',
              name: 'parted',
              uid: (await get('parted')).metadata.uid,
            },
          ],
        }),
      ])
      expect(refusals[0].status).toBe(422)
      const words = /is disaggregated: .* so it was not scaled\. Change spec\.scaling\.prefill/
      expect((await read(Problem, refusals[0])).detail).toMatch(words)
      const { items } = await read(TargetOutcomes, refusals[1])
      expect(items[0]?.problem?.detail).toMatch(words)
      expect((await get('parted')).spec.scaling.replicas).toBe(1)
    })

    test('with dryRun says what would be, with warnings and defaults, and changes nothing', async () => {
      await create('dry')
      const { metadata } = await get('dry')
      const told = await change(
        'dry',
        { spec: { engine: { trustRemoteCode: true } } },
        undefined,
        '?dryRun=All',
      )
      expect(told.after.spec).toMatchObject({ engine: { trustRemoteCode: true } })
      expect(told.warnings).toEqual([
        'spec.engine.trustRemoteCode is true: code from the model repository will be executed',
      ])
      const after = await get('dry')
      expect(after.spec.engine.trustRemoteCode).not.toBe(true)
      expect(after.metadata.annotations).toEqual(metadata.annotations)
      const rows = await selectAuditRows(database.db, 50)
      expect(rows.filter(({ target }) => target?.['name'] === 'dry')).toEqual([])
    })

    test('If-Match holds while controllers write, and not once somebody changed it', async () => {
      await create('guarded')
      const { version } = await manifestOf('guarded')
      const { headers } = await deployer.get(`${collection}/guarded/manifest`)
      expect(headers.get('etag')).toBe(`"${version}"`)
      await running('guarded', 1)
      expect((await manifestOf('guarded')).version).toBe(version)
      const changed = await change(
        'guarded',
        { spec: { scaling: { replicas: 2 } } },
        `"${version}"`,
      )
      expect(changed.version).not.toBe(version)
      expect((await manifestOf('guarded')).version).toBe(changed.version)
      await edit('guarded', { spec: { resources: { memory: '8Gi' } } })
      const problem = await refused(
        412,
        'guarded',
        { spec: { scaling: { replicas: 3 } } },
        changed.version,
      )
      expect(problem.code).toBe('deployment-changed')
      expect(problem.detail).toContain('was changed after you looked at it, so nothing was sent')
      expect(problem.detail).toContain('Read it again')
      expect((await get('guarded')).spec).toMatchObject({
        scaling: { replicas: 2 },
        resources: { memory: '8Gi' },
      })
    })

    test('a resourceVersion in the body is the one that is changed, or none', async () => {
      await create('versioned')
      await running('versioned', 1)
      const { metadata } = await get('versioned')
      await edit('versioned', { metadata: { labels: { team: 'a' } } })
      const body = { metadata: { resourceVersion: metadata.resourceVersion! }, spec: {} }
      const problem = await refused(409, 'versioned', {
        ...body,
        spec: { scaling: { replicas: 2 } },
      })
      expect(problem.code).toBe('conflict')
      expect((await get('versioned')).spec.scaling.replicas).toBe(1)
    })

    test('another client and the hub edit the same object at once, and lose nothing', async () => {
      await create('shared')
      const byHub = async (i: number) => {
        for (;;) {
          const { version } = await manifestOf('shared')
          const labels = { [`hub-${i}`]: 'yes' }
          const response = await patch('shared', { metadata: { labels } }, version)
          if (response.status === 200) return
          expect(response.status).toBe(412)
        }
      }
      const byOther = async (i: number) =>
        edit('shared', { metadata: { annotations: { [`other-${i}`]: 'yes' } } })
      const numbers = [0, 1, 2, 3, 4]
      await Promise.all([
        ...numbers.map(byHub),
        ...numbers.map(byOther),
        ...numbers.map((i) => change('shared', { metadata: { annotations: { [`n-${i}`]: 'y' } } })),
      ])
      const { annotations, labels } = (await get('shared')).metadata
      for (const i of numbers) {
        expect(labels).toHaveProperty(`hub-${i}`, 'yes')
        expect(annotations).toHaveProperty(`other-${i}`, 'yes')
        expect(annotations).toHaveProperty(`n-${i}`, 'y')
      }
    }, 60_000)

    test.skipIf(!kubectlProgram)(
      'the kubectl program and the hub edit the same object at once, and lose nothing (KUBEBUILDER_ASSETS)',
      async () => {
        await create('shared-too', {}, { annotations: { first: 'yes' } })
        const numbers = [0, 1, 2, 3]
        const byHub = async (i: number) => {
          for (;;) {
            const { version } = await manifestOf('shared-too')
            const body = { metadata: { labels: { [`hub-${i}`]: 'yes' } } }
            const response = await patch('shared-too', body, version)
            if (response.status === 200) return
            expect(response.status).toBe(412)
          }
        }
        const home = await makeFolder()
        const kubeconfig = join(home, 'kubeconfig')
        await writeFile(kubeconfig, cluster.kubeconfig('client-certificate'), { mode: 0o600 })
        const run = (args: string[], editor = 'false') =>
          promisify(execFile)(kubectlProgram!, ['--namespace', 'ml-team', ...args], {
            env: {
              HOME: home,
              KUBECONFIG: kubeconfig,
              KUBE_EDITOR: editor,
              PATH: process.env['PATH'],
            },
          })
        await Promise.all([
          ...numbers.map(byHub),
          ...numbers.map((i) =>
            run(['annotate', 'modeldeployment', 'shared-too', `annotated-${i}=yes`]),
          ),
          ...numbers.map((i) =>
            // Whoever is told that it was changed meanwhile edits once more.
            vi.waitFor(
              () =>
                run(
                  ['edit', 'modeldeployment', 'shared-too'],
                  `sed -i 's/^  annotations:$/&\\n    edited-${i}: "yes"/'`,
                ),
              soon,
            ),
          ),
        ])
        const { annotations, labels } = (await get('shared-too')).metadata
        for (const i of numbers) {
          expect(labels).toHaveProperty(`hub-${i}`, 'yes')
          expect(annotations).toHaveProperty(`annotated-${i}`, 'yes')
          expect(annotations).toHaveProperty(`edited-${i}`, 'yes')
        }
        // What the hub was shown before is no longer so, and kubectl is told the same by the cluster.
        const { version } = await manifestOf('shared-too')
        const { stdout } = await run(['get', 'modeldeployment', 'shared-too', '-o', 'yaml'])
        const file = join(home, 'object.yaml')
        await writeFile(file, stdout)
        await change('shared-too', { spec: { resources: { memory: '8Gi' } } }, version)
        await expect(run(['replace', '-f', file])).rejects.toMatchObject({
          stderr: expect.stringContaining('the object has been modified'),
        })
        await run(['annotate', 'modeldeployment', 'shared-too', 'late=yes'])
        const problem = await refused(412, 'shared-too', { spec: {} }, version)
        expect(problem.code).toBe('deployment-changed')
      },
    )

    // The demo's own server does not note who set what.
    test.runIf(world.isReal)(
      'who declares what is changed is told, for they may set it back',
      async () => {
        const declared = {
          apiVersion: 'airunway.ai/v1alpha1',
          kind: 'ModelDeployment',
          metadata: { name: 'declared', namespace: 'ml-team' },
          spec: { model: { id: 'Qwen/Qwen3-8B' }, scaling: { replicas: 1 } },
        }
        await client.request('PATCH', `${objects}/declared`, {
          body: declared,
          contentType: 'application/apply-patch+yaml',
          query: { fieldManager: 'kustomize-controller' },
        })
        const words =
          'kustomize-controller declares spec.scaling.replicas and may set it back: change it there as well.'
        const replicas = { spec: { scaling: { replicas: 2 } } }
        expect((await change('declared', replicas, undefined, '?dryRun=All')).warnings).toEqual([
          words,
        ])
        expect((await change('declared', replicas)).warnings).toEqual([words])
        const labels = { metadata: { labels: { 'example.com/cost': 'a' } } }
        expect((await change('declared', labels)).warnings).toEqual([])
      },
    )

    test('what stays for good is refused at the field, and recreating is named', async () => {
      await create('fixed')
      await running('fixed', 1)
      const problem = await refused(422, 'fixed', {
        spec: { model: { id: 'other/model' }, provider: { name: 'kaito' }, engine: { type: null } },
      })
      expect(problem.code).toBe('deployment-invalid')
      expect(problem.errors?.map(({ pointer }) => pointer)).toEqual([
        '/spec/model/id',
        '/spec/engine/type',
        '/spec/provider/name',
      ])
      expect(problem.errors?.[0]?.detail).toContain('recreate the deployment')
      const same = { model: { id: 'Qwen/Qwen3-8B', source: 'huggingface' } } as const
      await change('fixed', { spec: same })
    })

    test('labels and annotations of others are refused, unless they are as they are', async () => {
      await create('marked', {}, { labels: { 'app.kubernetes.io/name': 'mine' } })
      const problem = await refused(422, 'marked', {
        metadata: {
          labels: { 'app.kubernetes.io/name': 'other', team: 'a' },
          annotations: { 'airunway.ai/created-by': 'oidc:root', 'example.com/a': 'b' },
        },
      })
      expect(problem.errors?.map(({ pointer }) => pointer)).toEqual([
        '/metadata/labels/app.kubernetes.io~1name',
        '/metadata/annotations/airunway.ai~1created-by',
      ])
      await change('marked', {
        metadata: { labels: { 'app.kubernetes.io/name': 'mine', team: 'a' } },
      })
      await change('marked', { metadata: { labels: null } })
      expect((await get('marked')).metadata.labels).toEqual({ 'app.kubernetes.io/name': 'mine' })
    })

    test('the policy judges what is set, and lets be what stands there', async () => {
      const secret = { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'api', key: 'token' } } }
      await create('ruled', {
        env: [secret],
        podTemplate: { metadata: { labels: { tier: 'a' } } },
      })
      await change('ruled', { spec: { env: [{ name: 'LEVEL', value: 'info' }, secret] } })
      const other = { name: 'OTHER', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }
      const problem = await refused(422, 'ruled', { spec: { env: [secret, other] } })
      expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/spec/env/1/valueFrom'])
      expect((await get('ruled')).spec.env).toHaveLength(2)
    })

    test('one that took the name of another is left alone', async () => {
      await create('renewed')
      const uid = (await get('renewed')).metadata.uid!
      await client.request('DELETE', `${objects}/renewed`)
      await vi.waitFor(async () => {
        expect((await client.raw('GET', `${objects}/renewed`)).status).toBe(404)
      }, soon)
      await create('renewed')
      const problem = await refused(
        409,
        'renewed',
        { spec: { scaling: { replicas: 2 } } },
        undefined,
        `?uid=${uid}`,
      )
      expect(problem.detail).toContain('was deleted and created again after you looked at it')
      expect((await get('renewed')).metadata.generation).toBe(1)
    })

    test('no value of a variable is audited, nor shown to who may not change it', async () => {
      await create('secretive', { env: [{ name: 'KEY', value: canary }] })
      await change('secretive', {
        spec: { env: [{ name: 'KEY', value: `${canary}-2` }], scaling: { replicas: 2 } },
      })
      const own = await deployer.send('POST', collection, {
        name: 'secretive-too',
        spec: { model: { id: 'a/b' }, env: [{ name: 'KEY', value: canary }] },
      })
      expect(own.status).toBe(201)
      const rows = await selectAuditRows(database.db, 100)
      expect(JSON.stringify(rows)).not.toContain(canary)
      expect(rows.find(({ target }) => target?.['name'] === 'secretive')).toMatchObject({
        action: 'deployment.update',
        outcome: 'success',
        actor: 'oidc:bob',
        before: { spec: { env: [{ name: 'KEY' }], scaling: { replicas: 1 } } },
        after: { spec: { env: [{ name: 'KEY' }], scaling: { replicas: 2 } } },
      })
      const shown = await manifestOf('secretive')
      expect(shown).toMatchObject({ isMasked: false })
      expect(shown.yaml).toContain(canary)
      const masked = await manifestOf('secretive', viewer)
      expect(masked.isMasked).toBe(true)
      expect(JSON.stringify(masked)).not.toContain(canary)
      expect(masked.yaml).toMatch(/^# Values of variables are left out/)
      expect(masked.version).not.toBe(shown.version)
      expect((await viewer.send('POST', `${collection}/secretive/pause`)).status).toBe(403)
    })

    test('restarting replaces the pods where the runtime lets it, and says the command where not', async () => {
      await create('restarted')
      await running('restarted', 1)
      const pods = () =>
        hub.fleet
          .pods({ instance: 'prod-east', namespace: 'ml-team', deployment: 'restarted' })
          .map(({ uid }) => uid)
      await vi.waitFor(() => expect(pods()).toHaveLength(1), soon)
      const [before] = pods()
      const response = await deployer.send('POST', `${collection}/restarted/restart`)
      expect(response.status).toBe(200)
      await vi.waitFor(() => {
        expect(pods()).toHaveLength(1)
        expect(pods()[0]).not.toBe(before)
      }, soon)
      await running('restarted', 1)

      await create('workspace', { provider: { name: 'kaito' } })
      await running('workspace', 1)
      const kept = await deployer.send('POST', `${collection}/workspace/restart`)
      expect(kept.status).toBe(422)
      expect((await read(Problem, kept)).detail).toContain(
        'kubectl delete pod -n ml-team -l kaito.sh/workspace=workspace',
      )
    }, 60_000)

    test('paused, changes wait; resumed, they come', async () => {
      await create('paused')
      await running('paused', 1)
      expect((await deployer.send('POST', `${collection}/paused/pause`)).status).toBe(200)
      const { metadata } = await get('paused')
      expect(metadata.annotations['airunway.ai/reconcile-paused']).toBe('true')
      await change('paused', { spec: { scaling: { replicas: 2 } } })
      expect((await deployer.send('POST', `${collection}/paused/resume`)).status).toBe(200)
      await running('paused', 2)
    })

    test('what a deletion would take is told, and nothing is taken', async () => {
      await create('kept')
      await running('kept', 1)
      await vi.waitFor(() => {
        const of = { instance: 'prod-east', namespace: 'ml-team', deployment: 'kept' }
        expect(hub.fleet.pods(of)).toHaveLength(1)
      }, soon)
      const response = await deployer.send('DELETE', `${collection}/kept?dryRun=All`)
      expect(response.status).toBe(200)
      const { takes } = await read(DeletedDeployment, response)
      expect(takes.map((each) => each.kind)).toEqual(['Deployment', 'Service', 'Pod'])
      expect((await get('kept')).metadata.deletionTimestamp).toBeUndefined()
    })

    const recreate = async (name: string, spec: object, query = '') => {
      const { uid } = (await get(name)).metadata
      return deployer.send('POST', `${collection}/${name}/recreate${query}`, { uid, spec })
    }
    const anew = {
      model: { id: 'Qwen/Qwen3-4B' },
      provider: { name: 'vllm' },
      engine: { type: 'vllm' },
      resources: { gpu: { count: 1 } },
    }

    test('what stays for good is changed by recreating, checked before anything is deleted', async () => {
      await create('anew', {}, { labels: { team: 'a' }, annotations: { 'example.com/a': 'b' } })
      await running('anew', 1)
      const { uid } = (await get('anew')).metadata
      const tried = await read(RecreatedDeployment, await recreate('anew', anew, '?dryRun=All'))
      expect(tried).toMatchObject({ outcome: 'recreated', deployment: null })
      expect((await get('anew')).metadata.uid).toBe(uid)

      const bad = await recreate('anew', { ...anew, resources: { memory: '5Ti' } })
      expect(bad.status).toBe(422)
      expect((await get('anew')).metadata).toMatchObject({ uid })
      expect((await get('anew')).metadata.deletionTimestamp).toBeUndefined()

      const done = await read(RecreatedDeployment, await recreate('anew', anew))
      expect(done).toMatchObject({ outcome: 'recreated', deployment: { name: 'anew' } })
      const { metadata, spec } = await get('anew')
      expect(metadata.uid).not.toBe(uid)
      expect(metadata.labels).toMatchObject({ team: 'a' })
      expect(metadata.annotations).toMatchObject({
        'example.com/a': 'b',
        'airunway.ai/changed-by': 'oidc:bob',
      })
      expect(spec.model.id).toBe('Qwen/Qwen3-4B')
      await running('anew', 1)
      const rows = await selectAuditRows(database.db, 20)
      const ours = rows.filter(({ target }) => target?.['name'] === 'anew').toReversed()
      expect(ours.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
        'deployment.delete attempt',
        'deployment.delete success',
        'deployment.create attempt',
        'deployment.create success',
      ])
    }, 60_000)

    test('recreated by somebody else meanwhile, it is left alone', async () => {
      await create('taken')
      const path = `${collection}/taken/recreate`
      const other = await deployer.send('POST', path, { uid: 'another-uid', spec: anew })
      expect(other.status).toBe(409)
      expect((await get('taken')).metadata.generation).toBe(1)
    })

    test('held by a finalizer, it is named as being deleted, and changes nothing any more', async () => {
      await create('held', {}, { finalizers: ['example.com/holds-it'] })
      const deleted = await deployer.send('DELETE', `${collection}/held`)
      expect(deleted.status).toBe(202)
      const problem = await refused(409, 'held', { spec: { scaling: { replicas: 2 } } })
      expect(problem.detail).toContain('is being deleted')
      await edit('held', { metadata: { finalizers: null } })
    })

    test('the manifest is what kubectl would apply, without what servers write', async () => {
      await create('exported', {
        engine: { type: 'vllm', args: { 'max-num-seqs': '8', on: 'yes' } },
      })
      const { kubectl, manifest, yaml } = await manifestOf('exported')
      expect(Object.keys(manifest).toSorted()).toEqual(['apiVersion', 'kind', 'metadata', 'spec'])
      expect(Object.keys(manifest.metadata).toSorted()).toEqual(['name', 'namespace'])
      expect(yaml).toContain('"on": "yes"')
      expect(kubectl).toBe(`kubectl apply -f - <<'EOF'\n${yaml}EOF`)
    })
  },
)

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-changes-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
