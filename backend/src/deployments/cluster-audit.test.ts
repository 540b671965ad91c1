import { fileURLToPath } from 'node:url'
import {
  applyManifests,
  createKubeClient,
  readManifests,
  type AuditEvent,
  type OpenControlPlane,
  type KubeClient,
} from '@hub/demo'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { borrowControlPlane } from '../../../demo/test/borrow-control-plane.ts'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { startHub, type Browser, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { selectAuditRows, type AuditRow } from '#audit'

const assets = process.env['KUBEBUILDER_ASSETS']
const manifests = ['impersonation.yaml', 'groups.yaml'].map((file) =>
  fileURLToPath(
    new URL(`../../../deploy/kubernetes/instance-rbac-impersonate/${file}`, import.meta.url),
  ),
)
const account = 'system:serviceaccount:kubeairunway-hub:kubeairunway-hub'
const spec = {
  model: { id: 'Qwen/Qwen3-8B' },
  engine: { type: 'vllm' },
  resources: { gpu: { count: 1 } },
}

describe.skipIf(!assets)("the audit log of a real cluster and the hub's own", () => {
  let cluster: OpenControlPlane
  let client: KubeClient
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let hub: TestHub
  let bob: Browser

  beforeAll(async () => {
    ;[cluster, database, identityProvider] = await Promise.all([
      borrowControlPlane(),
      databases[0].open(),
      startOddIdentityProvider(),
    ])
    client = createKubeClient(cluster.kubeconfig('client-certificate'))
    for (const path of manifests) await applyManifests(client, await readManifests(path))
    await client.request('POST', '/api/v1/namespaces', {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ml-team' } },
    })
    const kubeconfig = cluster.kubeconfig('service-account-token')
    hub = await startHub({
      db: database.db,
      identityProvider,
      credentials: { personal: kubeconfig, shared: kubeconfig },
      env: {
        HUB_ACCESS_MODES: 'personal=impersonate',
        HUB_GRANTS: JSON.stringify([{ principal: 'oidc:bob', role: 'deployer' }]),
      },
    })
    bob = hub.browser()
    await bob.signIn('bob')
    await vi.waitFor(
      () => {
        for (const id of ['personal', 'shared']) {
          expect(hub.fleet.instanceState(id).synced).toBe(true)
        }
      },
      { timeout: 20_000 },
    )
  }, 90_000)

  afterAll(async () => {
    await hub?.stop()
    await client?.close()
    await Promise.all([cluster?.stop(), database?.dispose(), identityProvider?.stop()])
  }, 60_000)

  /** The hub's row of this outcome, and what the cluster wrote of the same request. */
  const find = async (action: AuditRow['action'], outcome: AuditRow['outcome'], name: string) => {
    const rows = await selectAuditRows(database.db, 100)
    const row = rows.find(
      (each) =>
        each.action === action &&
        each.outcome === outcome &&
        (each.target as { name?: string }).name === name,
    )
    const events = (await cluster.auditEvents()).filter(
      // What the hub asked of the person's rights for the same request has the same id.
      ({ auditID, objectRef }) =>
        auditID === row?.clusterAuditId && objectRef?.resource === 'modeldeployments',
    )
    return { row: row!, events }
  }

  describe.each<[instance: string, who: Partial<AuditEvent>]>([
    [
      'personal',
      {
        impersonatedUser: {
          username: 'hub:oidc:bob',
          groups: ['hub:deployer', 'hub:viewer', 'system:authenticated'],
        },
      },
    ],
    ['shared', {}],
  ])('on %s', (instance, who) => {
    const collection = `/api/instances/${instance}/namespaces/ml-team/deployments`
    const verbs = { 'deployment.create': 'create', 'deployment.delete': 'delete' } as const

    test.each(['deployment.create', 'deployment.delete'] as const)(
      'name the same request, and who it was for: %s',
      async (action) => {
        const name = `${instance}-${verbs[action]}`
        const created = await bob.send('POST', collection, { name, spec })
        expect(created.status).toBe(201)
        expect((await bob.send('DELETE', `${collection}/${name}`)).status).toBe(202)
        const { events, row } = await find(action, 'success', name)
        expect(row).toMatchObject({ actor: 'oidc:bob' })
        expect(row.clusterAuditId).toBe(`hub-${row.requestId}`)
        const event = events.find(({ verb }) => verb === verbs[action])
        expect(event).toMatchObject({
          user: { username: account },
          objectRef: { namespace: 'ml-team' },
          ...who,
        })
        expect(event!.impersonatedUser).toEqual(who.impersonatedUser)
      },
    )

    test('name the same request when the cluster refused it', async () => {
      const name = `${instance}-refused`
      const refused = await bob.send('POST', collection, {
        name,
        spec: { ...spec, engine: { type: 'nonsense' } },
      })
      expect(refused.status).toBe(400)
      expect((await find('deployment.create', 'failure', name)).row).toBeUndefined()
      const nowhere = collection.replace('ml-team', 'nowhere')
      expect((await bob.send('POST', nowhere, { name, spec })).status).toBe(404)
      const { events, row } = await find('deployment.create', 'failure', name)
      expect(row.clusterAuditId).toBe(`hub-${row.requestId}`)
      expect(events).toMatchObject([{ verb: 'create', responseStatus: { code: 404 }, ...who }])
    })
  })
})
