import { randomUUID } from 'node:crypto'
import { Deployment, Problem } from '@hub/shared'
import { beforeAll, expect, test, vi } from 'vitest'
import { describeHub } from '../../test/describe-hub.ts'
import type { Browser } from '../../test/hub.ts'
import { prodCluster } from '../../test/prod-cluster.ts'
import { selectAuditRows } from '../audit/store.ts'

const soon = { timeout: 20_000, interval: 25 }
const kind = 'modeldeployments.airunway.ai'
const collection = '/api/instances/prod/namespaces/default/deployments'

const prod = prodCluster()

describeHub('deleting a deployment whose name was taken,', prod.start, (world) => {
  let root: Browser

  beforeAll(async () => {
    root = world.hub.browser()
    await root.signIn('root')
    await vi.waitFor(() => expect(world.hub.fleet.instanceState('prod').synced).toBe(true), soon)
  })

  const create = async (name: string) => {
    const answer = await root.send('POST', collection, { name, spec: { model: { id: 'a/b' } } })
    return Deployment.parse(await answer.json())
  }
  /** Makes it again at the cluster, behind a watch that says nothing of it. Returns the new uid. */
  const replace = async (name: string) => {
    await prod.cluster.faults.set({ kind: 'watch-silence' })
    const stored = prod.cluster.storage.find(kind, 'default', name)!
    const { metadata, ...object } = stored.object
    prod.cluster.storage.remove(kind, stored)
    const uid = randomUUID()
    prod.cluster.storage.create(kind, { ...object, metadata: { ...metadata, uid } })
    return uid
  }
  const uidAtCluster = (name: string) =>
    prod.cluster.storage.find(kind, 'default', name)?.object.metadata.uid

  test.each([
    ['with the uid that was shown', (uid: string) => `?uid=${uid}`],
    ['without a uid', () => ''],
  ])('H11: a namesake of the one that is shown is left alone: %s', async (words, query) => {
    const name = words.includes('without') ? 'without' : 'with'
    const shown = await create(name)
    const other = await replace(name)
    const answer = await root.send('DELETE', `${collection}/${name}${query(shown.uid)}`)
    expect(answer.status).toBe(409)
    const problem = Problem.parse(await answer.json())
    expect(problem.code).toBe('conflict')
    expect(problem.detail).toContain('was deleted and created again after you looked at it')
    expect(uidAtCluster(name)).toBe(other)
    const rows = (await selectAuditRows(world.database.db, 50)).filter(
      ({ requestId }) => requestId === problem.requestId,
    )
    expect(rows.map(({ outcome }) => outcome).toReversed()).toEqual(['attempt', 'failure'])
    expect(rows[0]!.target).toMatchObject({ name, uid: shown.uid })
    // The hub shows the other one from now on, and so it can be deleted.
    expect(world.hub.fleet.get('prod', 'default', name)?.uid).toBe(other)
    const again = await root.send('DELETE', `${collection}/${name}?uid=${other}`)
    expect(again.status).toBe(202)
    expect(Deployment.parse(await again.json())).toMatchObject({ uid: other })
    expect(uidAtCluster(name)).toBeUndefined()
    await prod.cluster.faults.set(null)
  })

  test('H11: one that the hub does not show yet is deleted by its uid alone', async () => {
    await create('hidden')
    const other = await replace('hidden')
    const wrong = await root.send('DELETE', `${collection}/hidden?uid=${randomUUID()}`)
    expect(wrong.status).toBe(409)
    expect(uidAtCluster('hidden')).toBe(other)
    expect((await root.send('DELETE', `${collection}/hidden?uid=${other}`)).status).toBe(202)
    expect(uidAtCluster('hidden')).toBeUndefined()
    const gone = await root.send('DELETE', `${collection}/hidden?uid=${other}`)
    expect(gone.status).toBe(404)
    await prod.cluster.faults.set(null)
  })

  test('H11: a uid that is none is refused by name', async () => {
    const answer = await root.send('DELETE', `${collection}/any?uid=a%20b`)
    expect(answer.status).toBe(400)
    expect(Problem.parse(await answer.json()).errors?.[0]?.pointer).toBe('?uid')
  })
})
