import { startApiServer } from '@hub/demo'
import { Problem } from '@hub/shared'
import { expect, test, vi } from 'vitest'
import { describeHub } from '../../test/describe-hub.ts'
import type { Browser } from '../../test/hub.ts'
import { countGpus } from './count-gpus.ts'

const soon = { timeout: 20_000, interval: 25 }
const collection = (namespace = 'default') =>
  `/api/instances/prod/namespaces/${namespace}/deployments`
const spec = (count: number, replicas = 1) => ({
  model: { id: 'Qwen/Qwen3-8B' },
  engine: { type: 'vllm' },
  resources: { gpu: { count } },
  scaling: { replicas },
})

test.each([
  ['each replica', spec(2, 3), 6],
  ['no scale to nothing', spec(2, 0), 2],
  ['the default of an engine', { engine: { type: 'vllm' } }, 1],
  ['none of an engine for processors', { engine: { type: 'llamacpp' } }, 0],
  ['none where an image says nothing', { engine: { type: 'vllm' }, image: 'x' }, 0],
  [
    'both parts of a disaggregated one',
    {
      serving: { mode: 'disaggregated' },
      scaling: { prefill: { replicas: 2, gpu: { count: 1 } }, decode: { gpu: { count: 4 } } },
    },
    6,
  ],
  ['nothing of what is no spec', 'x', 0],
])('counts %s', (_, given, expected) => {
  expect(countGpus(given)).toBe(expected)
})

describeHub(
  'a role with a limit of GPUs at once',
  async ({ defer }) => {
    const cluster = await startApiServer()
    defer(() => cluster.stop())
    const limits = { gpusAtOnce: 4 }
    const role = 'deployer'
    const grant = { role, instanceId: 'prod', namespaces: ['default'], limits }
    return {
      env: {
        HUB_GRANTS: JSON.stringify([
          { principal: 'oidc:bob', ...grant },
          { principal: 'oidc:eve', ...grant },
          { principal: 'oidc:eve', role, instanceId: 'prod' },
        ]),
      },
      credentials: { prod: cluster.kubeconfig('client-certificate') },
    }
  },
  (world) => {
    const signIn = async (persona: string) => {
      const browser = world.hub.browser()
      await browser.signIn(persona)
      await vi.waitFor(() => expect(world.hub.fleet.instanceState('prod').synced).toBe(true), soon)
      return browser
    }
    const create = (who: Browser, name: string, body: object, query = '') =>
      who.send('POST', `${collection()}${query}`, { name, spec: body })

    test('takes what stays within it, and tells whose limit it is where it would not', async () => {
      const bob = await signIn('bob')
      expect((await create(bob, 'first', spec(3))).status).toBe(201)
      for (const query of ['', '?dryRun=All']) {
        const refused = await create(bob, 'second', spec(2), query)
        expect(refused.status).toBe(429)
        expect(refused.headers.get('retry-after')).toBe('60')
        expect(Problem.parse(await refused.json()).detail).toContain(
          'That would be 5 GPUs at once, and the role deployer on instance "prod", in default allows 4',
        )
      }
      expect((await create(bob, 'second', spec(1))).status).toBe(201)
    })

    test('holds for a change that asks for more, and for none that asks for less', async () => {
      const bob = await signIn('bob')
      const at = `${collection()}/first`
      const ask = (count: number) =>
        bob.request(at, {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ spec: { resources: { gpu: { count } } } }),
        })
      expect((await ask(4)).status).toBe(429)
      expect((await ask(2)).status).toBe(200)
      expect((await ask(3)).status).toBe(200)
    })

    test('another grant without one lets everything in', async () => {
      const eve = await signIn('eve')
      expect((await create(eve, 'large', spec(8))).status).toBe(201)
    })
  },
)
