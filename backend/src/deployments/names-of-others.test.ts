import { randomUUID } from 'node:crypto'
import { DeploymentList, KnownDeployment, Problem } from '@hub/shared'
import { expect, test, vi } from 'vitest'
import { describeHub } from '../../test/describe-hub.ts'
import { prodCluster } from '../../test/prod-cluster.ts'

const soon = { timeout: 20_000, interval: 25 }
const collection = '/api/instances/prod/namespaces/default/deployments'
const spec = { model: { id: 'a/b' }, scaling: { replicas: 1 } }

const prod = prodCluster()

/** Past the webhook, as before it refused dots. */
function make(name: string) {
  prod.cluster.storage.create('modeldeployments.airunway.ai', {
    apiVersion: 'airunway.ai/v1alpha1',
    kind: 'ModelDeployment',
    metadata: {
      name,
      namespace: 'default',
      uid: randomUUID(),
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec,
  })
}

describeHub('a deployment that kubectl made', prod.start, (world) => {
  test.each([
    ['llama-3.1-8b', /must not contain dots/],
    [`${'very-'.repeat(20)}long`, /"id":"a\/c"/],
    [`${'a'.repeat(49)}.${'b'.repeat(203)}`, /must not contain dots/],
  ])('is listed, read, changed, tried anew and deleted by its name: %s', async (name, words) => {
    const root = world.hub.browser()
    await root.signIn('root')
    make(name)
    const at = `${collection}/${name}`
    await vi.waitFor(async () => {
      const { items } = DeploymentList.parse(await (await root.get('/api/deployments')).json())
      expect(items.map((each) => each.name)).toContain(name)
    }, soon)
    const { uid } = KnownDeployment.parse(await (await root.get(at)).json())
    for (const part of ['manifest', 'pods', 'events', 'explain', 'history']) {
      expect((await root.get(`${at}/${part}`)).status).toBe(200)
    }
    const patched = await root.request(at, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ spec: { scaling: { replicas: 2 } } }),
    })
    expect(patched.status).toBe(200)
    const anew = { uid, spec: { model: { id: 'a/c' } } }
    const tried = await root.send('POST', `${at}/recreate?dryRun=All`, anew)
    expect(await tried.text()).toMatch(words)
    const several = {
      action: 'pause',
      deployments: [{ instance: 'prod', namespace: 'default', name, uid }],
    }
    const paused = await root.send('POST', '/api/deployments/actions', several)
    expect(paused.status).toBeLessThan(300)
    expect((await root.send('DELETE', at)).status).toBe(202)
  })

  test('is not what a new one may be called', async () => {
    const root = world.hub.browser()
    await root.signIn('root')
    for (const name of ['llama-3.1-8b', 'a'.repeat(64)]) {
      const answer = await root.send('POST', collection, { name, spec })
      expect(answer.status).toBe(400)
      expect(Problem.parse(await answer.json()).errors?.[0]?.pointer).toBe('/name')
    }
  })
})
