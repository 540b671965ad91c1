import { startApiServer, type ApiServer } from '@hub/demo'
import { Instance, InstancePolicy } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { databases, type TestDatabase } from '../../../test/databases.ts'
import type { Browser } from '../../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../../test/odd-identity-provider.ts'
import { startReplicas, type Replicas } from '../../../test/replicas.ts'

const soon = { timeout: 20_000, interval: 25 }
const input = {
  deployersMay: {
    overrides: true,
    podTemplate: true,
    secretReferences: true,
    images: false,
    trustRemoteCode: true,
  },
  imageRegistries: null,
  templatesOnly: true,
}

describe.each(databases)('what one replica is told on $dialect', ({ dialect, open }) => {
  let cluster: ApiServer
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let replicas: Replicas
  let root: Browser
  let atOther: Browser

  beforeAll(async () => {
    ;[cluster, database, identityProvider] = await Promise.all([
      startApiServer(),
      open(),
      startOddIdentityProvider(),
    ])
    replicas = await startReplicas({
      dialect,
      database,
      identityProvider,
      credentials: { prod: cluster.kubeconfig('client-certificate') },
      env: { HUB_ADMINS: 'oidc:root' },
    })
    root = replicas.here.browser()
    await root.signIn('root')
    atOther = replicas.atOther(root)
    await vi.waitFor(
      () => expect(replicas.there.fleet.instanceState('prod').synced).toBe(true),
      soon,
    )
  }, 60_000)
  afterAll(async () => {
    await replicas?.stop()
    await Promise.all([cluster?.stop(), database?.dispose(), identityProvider?.stop()])
  })

  test('of policies, maintenance and templates holds on the other one too', async () => {
    const path = '/api/instances/prod/policy'
    const policy = async () => InstancePolicy.parse(await (await atOther.get(path)).json())
    expect((await policy()).source).toBe('default')
    expect((await root.send('PUT', path, input)).status).toBe(200)
    await vi.waitFor(async () => expect(await policy()).toMatchObject(input), soon)

    const until = new Date(Date.now() + 3_600_000).toISOString()
    const closed = { reason: 'A new driver.', until }
    expect((await root.send('PUT', '/api/instances/prod/maintenance', closed)).status).toBe(200)
    await vi.waitFor(async () => {
      const { maintenance } = Instance.parse(
        await (await atOther.get('/api/instances/prod')).json(),
      )
      expect(maintenance).toMatchObject(closed)
    }, soon)

    const template = { id: 'one', title: 'One', spec: { model: { id: 'a/b' } }, open: [] }
    expect((await root.send('POST', '/api/admin/templates', template)).status).toBe(201)
    await vi.waitFor(async () => {
      expect(await (await atOther.get('/api/templates')).json()).toMatchObject({
        items: [{ id: 'one' }],
      })
    }, soon)
  })
})
