import { startApiServer, type Cluster } from '@hub/demo'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTransport, kubePath, parseKubeconfig, type Transport } from '#kube'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { startHub, type Browser, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'

const policy = { allowLoopback: true, allowInsecureTls: false }
const rbacGroup = 'rbac.authorization.k8s.io'
const namespaces = ['team-a', 'team-b']
/** Sooner than the watch tries again by itself. */
const soon = { timeout: 20_000, interval: 50 }

describe.each(databases)('where a narrow credential is watched, on $dialect', ({ open }) => {
  let cluster: Cluster
  let transport: Transport
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let kubeconfig: string
  let hub: TestHub
  let admin: Browser

  beforeAll(async () => {
    ;[cluster, database, identityProvider] = await Promise.all([
      startApiServer(),
      open(),
      startOddIdentityProvider(),
    ])
    const parsed = parseKubeconfig(cluster.kubeconfig('client-certificate'), policy)
    if (!parsed.ok) throw new Error(parsed.reason)
    transport = createTransport(parsed.credential, { version: 'test', addresses: policy })
    for (const namespace of namespaces) await furnish(namespace)
    kubeconfig = await cluster.kubeconfigFor({ user: 'narrow' })
    hub = await start()
    admin = hub.browser()
    expect((await admin.signIn('root')).status).toBe(303)
  }, 60_000)
  afterAll(async () => {
    await hub?.stop()
    await transport?.close({ graceMs: 100 })
    await cluster?.stop()
    await Promise.all([database.dispose(), identityProvider.stop()])
  })

  const start = () =>
    startHub({
      db: database.db,
      identityProvider,
      env: { HUB_ADMINS: 'oidc:root' },
      credentials: { edge: kubeconfig },
    })
  const create = async (path: Parameters<typeof kubePath>, body: object) => {
    const { status } = await transport.request({ method: 'POST', path: kubePath(...path), body })
    expect(status).toBe(201)
  }
  /** A namespace with a deployment, which the user "narrow" may read. */
  const furnish = async (name: string) => {
    const within = ['namespaces', name]
    await create(['api', 'v1', 'namespaces'], {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    })
    await create(['apis', rbacGroup, 'v1', ...within, 'roles'], {
      apiVersion: `${rbacGroup}/v1`,
      kind: 'Role',
      metadata: { name: 'reader' },
      rules: [
        {
          apiGroups: ['airunway.ai'],
          resources: ['modeldeployments'],
          verbs: ['get', 'list', 'watch'],
        },
      ],
    })
    await create(['apis', rbacGroup, 'v1', ...within, 'rolebindings'], {
      apiVersion: `${rbacGroup}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'reader' },
      roleRef: { apiGroup: rbacGroup, kind: 'Role', name: 'reader' },
      subjects: [{ apiGroup: rbacGroup, kind: 'User', name: 'narrow' }],
    })
    await create(['apis', 'airunway.ai', 'v1alpha1', ...within, 'modeldeployments'], {
      apiVersion: 'airunway.ai/v1alpha1',
      kind: 'ModelDeployment',
      metadata: { name: `in-${name}` },
      spec: { model: { id: 'x/y' } },
    })
  }
  const seen = (at = hub) => at.fleet.list({ instance: 'edge' }).map(({ name }) => name)

  test('follows grants and group mappings of the database, without a restart', async () => {
    await expect.poll(() => hub.instances.find('edge')?.status.state, soon).toBe('degraded')
    expect(seen()).toEqual([])
    expect((await hub.browser().signIn('ann')).status).toBe(303)
    const rows = await database.db.read.select().from(database.db.tables.identities)
    const { userId } = rows.find(({ principal }) => principal === 'oidc:ann')!
    const given = await admin.send('POST', `/api/admin/users/${userId}/roles`, {
      role: 'viewer',
      instanceId: 'edge',
      namespaces: ['team-a', 'not-there'],
    })
    expect(given.status).toBe(201)
    const grant = (await given.json()) as { id: string }
    await expect.poll(() => seen(), soon).toEqual(['in-team-a'])
    const mapped = await admin.send('POST', '/api/admin/group-mappings', {
      provider: 'oidc',
      groupId: 'nobody-yet',
      role: 'viewer',
      namespaces: ['team-b'],
    })
    expect(mapped.status).toBe(201)
    await expect.poll(() => seen(), soon).toEqual(['in-team-a', 'in-team-b'])

    // One that starts now knows from the beginning.
    const next = await start()
    try {
      await expect.poll(() => seen(next), soon).toEqual(['in-team-a', 'in-team-b'])
    } finally {
      await next.stop()
    }

    const path = `/api/admin/users/${userId}/roles/${grant.id}`
    expect((await admin.send('DELETE', path)).status).toBe(204)
    await expect.poll(() => seen(), soon).toEqual(['in-team-b'])
  }, 40_000)
})
