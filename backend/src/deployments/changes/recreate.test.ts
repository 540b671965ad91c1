import { Deployment } from '@hub/shared'
import { beforeAll, expect, test, vi } from 'vitest'
import { selectAuditRows } from '#audit'
import type { Timing } from '#kube'
import { contextOf, grant } from '../../../test/contexts.ts'
import { describeHub } from '../../../test/describe-hub.ts'
import type { Browser } from '../../../test/hub.ts'
import { nothingGoverned } from '../../../test/nothing-governed.ts'
import { prodCluster } from '../../../test/prod-cluster.ts'
import { recreateDeployment } from './recreate.ts'

const soon = { timeout: 20_000, interval: 25 }
const kind = 'modeldeployments.airunway.ai'
const collection = '/api/instances/prod/namespaces/default/deployments'
const spec = { model: { id: 'a/b' } }

const prod = prodCluster()

describeHub('recreating a deployment, half-way,', prod.start, (world) => {
  let root: Browser

  beforeAll(async () => {
    root = world.hub.browser()
    await root.signIn('root')
    await vi.waitFor(() => expect(world.hub.fleet.instanceState('prod').synced).toBe(true), soon)
  })

  const create = async (name: string) => {
    const answer = await root.send('POST', collection, { name, spec })
    return Deployment.parse(await answer.json())
  }
  const stored = (name: string) => prod.cluster.storage.find(kind, 'default', name)
  /** Time that goes by while something is waited for, and what happens meanwhile. */
  const waiting = (meanwhile: () => Promise<void> | void = () => {}): Timing => {
    let now = 0
    return {
      now: () => now,
      setTimeout: (callback, ms) => {
        now += ms
        void Promise.resolve(meanwhile()).then(callback)
      },
      clearTimeout: () => {},
      random: () => 0,
    }
  }
  const recreate = ({ name, uid }: Deployment, timing: Timing) => {
    const { fleet, instances } = world.hub
    const ctx = contextOf([grant('admin')], { db: world.database.db, requestId: `r-${name}` })
    return recreateDeployment(
      ctx,
      { fleet, instances, ...nothingGoverned },
      { instance: 'prod', namespace: 'default', name },
      { uid, spec: { model: { id: 'c/d' } } },
      timing,
    )
  }
  const hold = (name: string) => {
    const before = stored(name)!
    const { metadata, ...object } = before.object
    prod.cluster.storage.update(kind, before, {
      ...object,
      metadata: { ...metadata, finalizers: ['example.com/holds-it'] },
    })
  }

  test('held by a finalizer, it says what is waited for and what is to be created', async () => {
    const made = await create('held')
    hold('held')
    const told = await recreate(made, waiting())
    expect(told).toMatchObject({ outcome: 'deleting', deployment: null })
    expect(told.problem?.detail).toContain('It waits for example.com/holds-it')
    expect(told.manifest.yaml).toContain('id: c/d')
    expect(stored('held')!.object.metadata.deletionTimestamp).toBeDefined()
  })

  test('what took its name meanwhile is left alone', async () => {
    const made = await create('raced')
    hold('raced')
    const told = await recreate(
      made,
      waiting(() => {
        const before = stored('raced')!
        if (before.object.metadata.uid !== made.uid) return
        const { metadata, ...object } = before.object
        prod.cluster.storage.remove(kind, before)
        const { deletionTimestamp: _, finalizers: __, ...kept } = metadata
        prod.cluster.storage.create(kind, { ...object, metadata: { ...kept, uid: 'another' } })
      }),
    )
    expect(told).toMatchObject({ outcome: 'deleted', problem: { code: 'deployment-exists' } })
    expect(stored('raced')!.object.metadata.uid).toBe('another')
  })

  test('deleted and not created, it says so, and carries the manifest', async () => {
    const made = await create('lost')
    hold('lost')
    const namespace = prod.cluster.storage.find('namespaces', '', 'default')!
    const told = await recreate(
      made,
      waiting(() => {
        prod.cluster.storage.remove(kind, stored('lost')!)
        prod.cluster.storage.remove('namespaces', namespace)
      }),
    )
    prod.cluster.storage.create('namespaces', namespace.object)
    expect(told).toMatchObject({ outcome: 'deleted', deployment: null })
    expect(told.problem?.detail).toMatch(/^It was deleted, and could not be created anew: /)
    expect(told.manifest.yaml).toContain('id: c/d')
    const rows = await selectAuditRows(world.database.db, 20)
    const ours = rows.filter(({ requestId }) => requestId === 'r-lost').toReversed()
    expect(ours.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'deployment.delete attempt',
      'deployment.delete success',
      'deployment.create attempt',
      'deployment.create failure',
    ])
  })

  test('a cluster that answers no more is said to, and what to look at', async () => {
    const made = await create('dark')
    hold('dark')
    const told = await recreate(
      made,
      waiting(async () => {
        const before = stored('dark')
        if (before) prod.cluster.storage.remove(kind, before)
        await prod.cluster.faults.set({ kind: 'server-error' })
      }),
    )
    await prod.cluster.faults.set(null)
    expect(told).toMatchObject({ outcome: 'deleting', deployment: null })
    expect(told.problem?.detail).toContain('create it from the manifest if it is not')
    expect(told.manifest.yaml).toContain('id: c/d')
  })
})
