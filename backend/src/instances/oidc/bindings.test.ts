import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { applyManifests, readManifests, type KubeClient } from '@hub/demo'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { ClusterBindingList, MadeBinding, OidcBinding, Problem } from '@hub/shared'
import { describeOnClusters } from '../../../test/describe-on-clusters.ts'
import type { Browser, TestHub } from '../../../test/hub.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
const run = promisify(execFile)
const rbac = '/apis/rbac.authorization.k8s.io/v1'
const at = '/api/instances/prod/bindings'
const manifest = fileURLToPath(
  new URL('../../../../deploy/kubernetes/instance-rbac-bindings/bindings.yaml', import.meta.url),
)
const profile = {
  issuer: 'https://id.example.com',
  clientId: 'kubernetes',
  usernameClaim: 'preferred_username',
}

describeOnClusters(
  'bindings for people,',
  {
    webhooks: false,
    options: async ({ client, cluster }) => {
      for (const role of ['view', 'edit', 'cluster-admin', 'other']) {
        // A real control plane has made some of them already.
        await client
          .request('POST', `${rbac}/clusterroles`, {
            body: {
              apiVersion: 'rbac.authorization.k8s.io/v1',
              kind: 'ClusterRole',
              metadata: { name: role },
              rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }],
            },
          })
          .catch(() => {})
      }
      return {
        credentials: { prod: cluster.kubeconfig('service-account-token') },
        env: { HUB_ADMINS: 'oidc:root' },
      }
    },
  },
  (world) => {
    const { isReal } = world
    let client: KubeClient
    let hub: TestHub
    let root: Browser

    beforeAll(async () => {
      ;({ client, hub } = world)
      root = hub.browser()
      await root.signIn('root')
      expect((await root.send('PUT', '/api/instances/prod/oidc', profile)).status).toBe(200)
    })

    const make = async (body: object, query = '') => {
      const response = await root.send('POST', `${at}${query}`, body)
      const read = (await response.json()) as MadeBinding & Problem
      return { ...read, status: response.status }
    }
    const onCluster = async () => {
      const { items } = (await client.request('GET', `${rbac}/clusterrolebindings`)) as {
        items: { metadata: { name: string } }[]
      }
      return items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('hub-'))
    }

    test('need a manifest, which a refusal names beside the command that does without', async () => {
      const refused = await make({ user: 'ada', role: 'view' })
      expect([refused.status, refused.code]).toEqual([403, 'instance-forbidden'])
      expect(refused.detail).toContain('deploy/kubernetes/instance-rbac-bindings')
      expect(refused.detail).toContain('kubectl create clusterrolebinding hub-view-')
      await applyManifests(client, await readManifests(manifest))
    })

    test('are tried, made once, listed, and taken away', async () => {
      const tried = await make({ user: 'ada', role: 'view' }, '?dryRun=All')
      expect(tried).toMatchObject({ status: 200, binding: { role: 'view', namespace: null } })
      expect(await onCluster()).toEqual([])
      const made = await make({ user: 'ada', role: 'view' })
      expect(made.binding).toMatchObject({
        subjects: [{ kind: 'User', name: 'https://id.example.com#ada' }],
        createdBy: 'oidc:root',
      })
      const again = await make({ user: 'https://id.example.com#ada', role: 'view' })
      expect(again.binding.name).toBe(made.binding.name)
      const group = await make({ group: 'ml-team', role: 'edit', namespace: 'default' })
      expect(group.status).toBe(201)
      const list = (await (await root.get(at)).json()) as ClusterBindingList
      expect(list.items.map(({ name }) => name).toSorted()).toEqual(
        [made.binding.name, group.binding.name].toSorted(),
      )
      const removed = await root.send('DELETE', `${at}/${made.binding.name}`)
      expect(removed.status).toBe(204)
      expect(await onCluster()).toEqual([])
      const gone = await root.send('DELETE', `${at}/${made.binding.name}`)
      expect(gone.status).toBe(404)
      const inPlace = await root.send('DELETE', `${at}/${group.binding.name}?namespace=default`)
      expect(inPlace.status).toBe(204)
      const rows = (await (await root.get('/api/admin/audit?limit=50')).json()) as {
        items: { action: string; outcome: string; clusterAuditId: string | null }[]
      }
      const outcomes = rows.items
        .filter(({ action }) => action === 'binding.create')
        .map(({ outcome }) => outcome)
      expect(outcomes).toEqual(['success', 'attempt', 'success', 'attempt'])
    })

    test('to cluster-admin are for the administrator’s own kubeconfig', async () => {
      const refused = await make({ user: 'ada', role: 'cluster-admin' })
      const words = /makes nobody cluster-admin.*kubectl create clusterrolebinding/
      expect([refused.status, refused.detail]).toEqual([400, expect.stringMatching(words)])
    })

    test.runIf(isReal)('to roles that the manifest does not name are not its to make', async () => {
      const refused = await make({ user: 'ada', role: 'other' })
      const words = /not one of them.*kubectl create clusterrolebinding/
      expect([refused.status, refused.detail]).toEqual([403, expect.stringMatching(words)])
    })

    test('of somebody else are left alone, though they have the name', async () => {
      const { binding } = await make({ user: 'bob', role: 'view' }, '?dryRun=All')
      const subjects = [
        { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'somebody-else' },
      ]
      await client.request('POST', `${rbac}/clusterrolebindings`, {
        body: {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRoleBinding',
          metadata: { name: binding.name },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
          subjects,
        },
      })
      const refused = await make({ user: 'bob', role: 'view' })
      expect([refused.status, refused.code]).toEqual([409, 'conflict'])
      expect((await root.send('DELETE', `${at}/${binding.name}`)).status).toBe(409)
      expect(await onCluster()).toEqual([binding.name])
    })

    test.runIf(isReal)(
      'as commands bind exactly whom they say, whatever the name holds',
      async () => {
        const folder = await mkdtemp(join(tmpdir(), 'bindings-'))
        const kubeconfig = join(folder, 'kubeconfig')
        await writeFile(kubeconfig, world.cluster.kubeconfig('client-certificate'))
        const name = fc
          .string({
            unit: fc.constantFrom(...Array.from('aZ9 \'"`$\\#/%@:;&|<>()*?!~é漢😀-._')),
            minLength: 1,
            maxLength: 40,
          })
          .filter((text) => text.trim() !== '' && !text.startsWith('system:'))
        try {
          await fc.assert(
            fc.asyncProperty(name, fc.boolean(), async (value, isGroup) => {
              const query = new URLSearchParams({
                [isGroup ? 'group' : 'user']: value,
                role: 'view',
              })
              const response = await root.get(
                `/api/instances/prod/bindings/commands?${query.toString()}`,
              )
              const { create, subject } = (await response.json()) as OidcBinding
              const { stdout } = await run(
                '/bin/sh',
                ['-c', `${create} --dry-run=server -o json`],
                { env: { PATH: `${assets}:${process.env['PATH']}`, KUBECONFIG: kubeconfig } },
              )
              expect(JSON.parse(stdout).subjects).toMatchObject([
                { kind: isGroup ? 'Group' : 'User', name: subject },
              ])
            }),
            { numRuns: 25 },
          )
        } finally {
          await rm(folder, { recursive: true })
        }
      },
      120_000,
    )
  },
)
