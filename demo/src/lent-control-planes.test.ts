import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectRealClusterInCi } from '../test/clusters.ts'
import { lendControlPlanes } from '../test/lend-control-planes.ts'
import { createKubeClient, type KubeClient } from './client.ts'
import { openControlPlane, type ControlPlaneHandle } from './open-control-plane.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const namespaces = '/api/v1/namespaces'

expectRealClusterInCi()

describe.skipIf(!assets)('real control planes that are lent (KUBEBUILDER_ASSETS)', () => {
  let lender: Awaited<ReturnType<typeof lendControlPlanes>>
  beforeAll(async () => {
    lender = await lendControlPlanes(assets!)
  }, 120_000)
  afterAll(() => lender?.stop(), 60_000)

  const borrow = async () => {
    const answer = await fetch(`${lender.url}/borrow`, { method: 'POST' })
    return (await answer.json()) as ControlPlaneHandle
  }
  const giveBack = ({ url }: { url: string }) =>
    fetch(`${lender.url}/return?url=${encodeURIComponent(url)}`, { method: 'POST' })
  const namesAt = async (client: KubeClient, path: string) => {
    const { items } = (await client.request('GET', path)) as {
      items: { metadata: { name: string; uid: string } }[]
    }
    return items.map(({ metadata: { name, uid } }) => `${name} ${uid}`).toSorted()
  }

  test('whoever is next finds what was there after the start, and nothing else', async () => {
    const first = await borrow()
    const client = createKubeClient(openControlPlane(first).kubeconfig('client-certificate'))
    const read = () =>
      Promise.all([roles, definitions, namespaces].map((at) => namesAt(client, at)))
    const before = await read()
    const [role] = before[0]!.map((each) => each.split(' ')[0]!)
    const [definition] = before[1]!.map((each) => each.split(' ')[0]!)
    const { rules } = await client.request('GET', `${roles}/view`)

    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'left' } }
    await client.request('POST', namespaces, { body })
    await client.request('DELETE', `${roles}/${role}`)
    await client.request('DELETE', `${definitions}/${definition}`)
    await client.request('PATCH', `${roles}/view`, {
      body: { rules: [] },
      contentType: 'application/merge-patch+json',
    })
    expect(await read()).not.toEqual(before)

    expect((await giveBack(first)).status).toBe(200)
    const second = await borrow()
    expect(second.url).toBe(first.url)
    expect(await read()).toEqual(before)
    expect((await client.request('GET', `${roles}/view`)).rules).toEqual(rules)
    await client.close()
    expect((await giveBack(second)).status).toBe(200)
    expect((await giveBack(second)).status).toBe(500)
  }, 120_000)
})
