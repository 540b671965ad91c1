import { DeploymentMetrics } from '@hub/shared'
import { expect, test, vi } from 'vitest'
import { backend, describeGateway } from '../test/gateway.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 20 }
const pathOf = (instance: string, namespace = 'team', name = 'qwen') =>
  `/api/instances/${instance}/namespaces/${namespace}/deployments/${name}/metrics`

describeGateway(
  'the metrics of a deployment',
  () => ({}),
  (at) => {
    const get = async (path: string, client = 'viewer') =>
      at().call(path, { headers: await at().as(client) })
    const read = async (path: string) => {
      const response = await get(path)
      expect(response.status).toBe(200)
      return DeploymentMetrics.parse(await response.json())
    }
    const ready = async () => {
      const { hub } = at().world
      await vi.waitFor(() => {
        for (const name of ['qwen', 'slow']) {
          expect(hub.fleet.get('east', 'team', name)).not.toBeNull()
        }
        for (const instance of ['east', 'west']) {
          expect(hub.fleet.pods({ instance, namespace: 'team', deployment: 'qwen' })).toHaveLength(
            1,
          )
        }
      }, soon)
    }

    test('are there with the first question, in words of no engine', async () => {
      await ready()
      const {
        at: moments,
        engine,
        latestAt,
        note,
        reason,
        series,
        since,
      } = await read(pathOf('east'))
      expect({ engine, note, reason }).toEqual({ engine: 'vllm', note: null, reason: null })
      expect(moments).toHaveLength(1)
      expect([since, latestAt]).toEqual([moments[0], moments[0]])
      expect(series).toEqual([
        { name: 'requestsRunning', unit: 'requests', values: [0] },
        { name: 'requestsWaiting', unit: 'requests', values: [0] },
        { name: 'kvCacheUse', unit: 'fraction', values: [0] },
      ])
    })

    test('are read once for all who look, however often they ask', async () => {
      await ready()
      let scrapes = 0
      const model = backend(at().west, (path, _, response) => {
        if (path === '/metrics') scrapes += 1
        response.end('vllm:num_requests_running 1\n')
      })
      await Promise.all(Array.from({ length: 20 }, () => read(pathOf('west'))))
      model.restore()
      expect(scrapes).toBe(1)
    })

    test('of what does not run yet are told why there are none', async () => {
      await ready()
      const { at: moments, reason, series } = await read(pathOf('east', 'team', 'slow'))
      expect(series).toEqual([])
      expect(reason).toMatch(/\w+/)
      expect(moments.length).toBeLessThanOrEqual(1)
    })

    test('are refused to whoever may not see it, and a range that there is not', async () => {
      await ready()
      expect((await get(pathOf('east', 'other', 'llama'))).status).toBe(403)
      expect((await get(pathOf('east'), 'west')).status).toBe(404)
      expect((await get(pathOf('east', 'team', 'none'))).status).toBe(404)
      expect((await get(`${pathOf('east')}?range=1y`)).status).toBe(400)
    })
  },
)
