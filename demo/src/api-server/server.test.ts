import { execFile } from 'node:child_process'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../test/clusters.ts'
import { createKubeClient } from '../client.ts'
import type { KubeClient } from '../client.ts'
import type { KubeObject } from '../objects.ts'
import { startApiServer } from './server.ts'
import type { ApiServer } from './server.ts'

const path = '/apis/airunway.ai/v1alpha1/namespaces/default/modeldeployments'
const mergePatch = 'application/merge-patch+json'

describe('demo API server', () => {
  let server: ApiServer
  let admin: KubeClient
  beforeAll(async () => {
    server = await startApiServer({ bookmarkIntervalMs: 50 })
    admin = createKubeClient(server.kubeconfig('client-certificate'))
  })
  afterAll(async () => {
    await admin.close()
    await server.stop()
  })
  const create = (name: string, spec: object = { model: { id: 'a/b' } }, metadata: object = {}) =>
    admin.request('POST', path, { body: toDeployment(name, spec, metadata) })

  describe('what has been compacted away', () => {
    test('is an ERROR event to a watch, 410 Expired', async () => {
      const { metadata } = await create('compacted')
      await create('compacted-later')
      server.storage.compact()
      const events = []
      const query = { resourceVersion: metadata.resourceVersion }
      for await (const event of admin.watch(path, { query })) events.push(event)
      expect(events).toHaveLength(1)
      expect(events[0]).toMatchObject({
        type: 'ERROR',
        object: { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 },
      })
      expect(events[0]!.object.message).toMatch(/^too old resource version: \d+ \(\d+\)$/)
    })

    test('is HTTP 410 to a continue token, with a fresh token for the rest', async () => {
      const first = await admin.request('GET', path, { query: { limit: 1 } })
      await create('compacted-between')
      server.storage.compact()
      const query = { limit: 1, continue: first.metadata.continue }
      const expired = await admin.raw('GET', path, { query })
      expect(expired.status).toBe(410)
      expect(expired.body).toMatchObject({ reason: 'Expired', code: 410 })
      expect(expired.body.message).toMatch(/^The provided continue parameter is too old/)
      const rest = await admin.request('GET', path, {
        query: { continue: expired.body.metadata.continue },
      })
      expect(rest.items.map((item: KubeObject) => item.metadata.name)).toContain(
        'compacted-between',
      )
    })

    test('is HTTP 410 to an exact list', async () => {
      const { metadata } = await create('exact')
      await create('exact-later')
      server.storage.compact()
      const query = { resourceVersion: metadata.resourceVersion, resourceVersionMatch: 'Exact' }
      await expect(admin.request('GET', path, { query })).rejects.toMatchObject({
        status: { code: 410, message: 'The resourceVersion for the provided list is too old.' },
      })
    })

    test('history that grows beyond its limit expires by itself', async () => {
      const small = await startApiServer({ historyLimit: 4 })
      const client = createKubeClient(small.kubeconfig('client-certificate'))
      const { metadata } = await client.request('POST', path, { body: toDeployment('a') })
      for (let i = 0; i < 20; i++) {
        const body = { spec: { scaling: { replicas: i + 2 } } }
        await client.request('PATCH', `${path}/a`, { body, contentType: mergePatch })
      }
      const query = { resourceVersion: metadata.resourceVersion }
      const { value } = await client.watch(path, { query }).next()
      expect(value.object.code).toBe(410)
      await client.close()
      await small.stop()
    })
  })

  test('bookmarks keep a quiet watcher up to date with the rest of the cluster', async () => {
    const { metadata } = await admin.request('GET', path, { query: { limit: 1 } })
    const abort = new AbortController()
    const query = {
      resourceVersion: metadata.resourceVersion,
      allowWatchBookmarks: true,
      fieldSelector: 'metadata.name=none',
    }
    const events = admin.watch(path, { query, signal: abort.signal })
    const next = events.next()
    const { metadata: other } = await create('elsewhere')
    const { value } = await next
    expect(value.type).toBe('BOOKMARK')
    expect(value.object.metadata.resourceVersion).toBe(other.resourceVersion)
    abort.abort()
  })

  test('while paused it refuses connections; resumed it has everything', async () => {
    await create('kept')
    await server.pause()
    await expect(admin.request('GET', path)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server.resume()
    expect((await admin.request('GET', `${path}/kept`)).metadata.name).toBe('kept')
  })

  describe('garbage collection', () => {
    const configMaps = '/api/v1/namespaces/default/configmaps'
    const createDependent = async (name: string, owner: KubeObject) => {
      const { apiVersion, kind, metadata } = owner
      const reference = {
        apiVersion,
        kind,
        name: metadata.name,
        uid: metadata.uid,
        blockOwnerDeletion: true,
      }
      const body = { metadata: { name, ownerReferences: [reference] } }
      return admin.request('POST', configMaps, { body })
    }
    const statusOf = async (at: string) => (await admin.raw('GET', at)).status

    test('in the background: the owner goes at once, what it owned follows', async () => {
      await createDependent('background', await create('owner-a'))
      await admin.request('DELETE', `${path}/owner-a`)
      expect(await statusOf(`${path}/owner-a`)).toBe(404)
      await eventually(async () => expect(await statusOf(`${configMaps}/background`)).toBe(404))
    })

    test('in the foreground: the owner waits for what it owned', async () => {
      const dependent = await createDependent('foreground', await create('owner-b'))
      const finalizers = (value: string[] | null) =>
        admin.request('PATCH', `${configMaps}/foreground`, {
          body: { metadata: { finalizers: value } },
          contentType: mergePatch,
        })
      await finalizers(['airunway.ai/test'])
      await admin.request('DELETE', `${path}/owner-b`, {
        body: { propagationPolicy: 'Foreground' },
      })
      await eventually(async () => {
        const { metadata } = await admin.request('GET', `${configMaps}/foreground`)
        expect(metadata).toMatchObject({
          uid: dependent.metadata.uid,
          deletionTimestamp: expect.any(String),
        })
      })
      expect(await statusOf(`${path}/owner-b`)).toBe(200)
      await finalizers(null)
      await eventually(async () => expect(await statusOf(`${path}/owner-b`)).toBe(404))
    })

    test('orphaned: the owner goes, the reference to it too', async () => {
      await createDependent('orphan', await create('owner-c'))
      await admin.request('DELETE', `${path}/owner-c`, { body: { propagationPolicy: 'Orphan' } })
      await eventually(async () => expect(await statusOf(`${path}/owner-c`)).toBe(404))
      const { metadata } = await admin.request('GET', `${configMaps}/orphan`)
      expect(metadata.ownerReferences).toBeUndefined()
    })

    test('a namespace takes its content along', async () => {
      const body = { metadata: { name: 'team' } }
      await admin.request('POST', '/api/v1/namespaces', { body })
      await admin.request('POST', path.replace('default', 'team'), { body: toDeployment('inside') })
      await admin.request('DELETE', '/api/v1/namespaces/team')
      await eventually(async () => expect(await statusOf('/api/v1/namespaces/team')).toBe(404))
      expect((await admin.request('GET', path.replace('default', 'team'))).items).toEqual([])
    })
  })

  const kubectl =
    process.env['KUBEBUILDER_ASSETS'] && join(process.env['KUBEBUILDER_ASSETS'], 'kubectl')
  describe.skipIf(!kubectl)('a real kubectl (skipped without KUBEBUILDER_ASSETS)', () => {
    let folder: string
    beforeAll(async () => {
      await access(kubectl!)
      folder = await mkdtemp(join(tmpdir(), 'hub-kubectl-'))
      await writeFile(join(folder, 'kubeconfig'), server.kubeconfig('client-certificate'))
    })
    afterAll(() => rm(folder, { recursive: true, force: true }))
    const run = async (...args: string[]) => {
      const options = [
        '--kubeconfig',
        join(folder, 'kubeconfig'),
        '--cache-dir',
        join(folder, 'cache'),
      ]
      const { stdout } = await promisify(execFile)(kubectl!, [...options, ...args])
      return stdout
    }

    test('get prints the CRD columns', async () => {
      await create('printed')
      await admin.request('PATCH', `${path}/printed/status`, {
        body: { status: { phase: 'Running', engine: { type: 'vllm' }, replicas: { ready: 2 } } },
        contentType: mergePatch,
      })
      const [header, row] = (await run('get', 'modeldeployments', 'printed')).split('\n')
      expect(header!.split(/\s+/)).toEqual([
        'NAME',
        'PHASE',
        'PROVIDER',
        'ENGINE',
        'REPLICAS',
        'AGE',
      ])
      expect(row).toMatch(/^printed\s+Running\s+vllm\s+2\s+\d+s$/)
    })

    test('apply creates and changes, delete removes', async () => {
      const file = join(folder, 'deployment.yaml')
      const apply = async (replicas: number) => {
        const object = toDeployment('applied', { model: { id: 'a/b' }, scaling: { replicas } })
        await writeFile(file, stringify(object))
        return run('apply', '-f', file)
      }
      expect(await apply(1)).toBe('modeldeployment.airunway.ai/applied created\n')
      expect(await apply(3)).toBe('modeldeployment.airunway.ai/applied configured\n')
      expect(await apply(3)).toBe('modeldeployment.airunway.ai/applied unchanged\n')
      expect((await admin.request('GET', `${path}/applied`)).spec.scaling.replicas).toBe(3)
      expect(await run('delete', '-f', file)).toContain('deleted')
    }, 20_000)

    test('get pods, nodes and namespaces', async () => {
      expect(await run('get', 'namespaces')).toMatch(/^NAME\s+STATUS\s+AGE\ndefault\s+Active/)
      expect(await run('get', 'pods,nodes', '-A')).toBe('')
    })
  })
})

function toDeployment(
  name: string,
  spec: object = { model: { id: 'a/b' } },
  metadata: object = {},
): KubeObject {
  return {
    apiVersion: 'airunway.ai/v1alpha1',
    kind: 'ModelDeployment',
    metadata: { name, ...metadata },
    spec,
  }
}
