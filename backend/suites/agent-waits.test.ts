import { fastTimeline, startApiServer, startController } from '@hub/demo'
import { beforeAll, expect, test, vi } from 'vitest'
import { connectAgent, describeAgents } from '../test/agent.ts'
import type { Browser } from '../test/hub.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 50 }
const node = { gpuProduct: 'NVIDIA-L40S', gpuMemoryMiB: 46_068, pool: 'l40s' }
const specOf = (gpus: number) => ({
  model: { id: 'Qwen/Qwen3-8B' },
  engine: { type: 'vllm' },
  provider: { name: 'vllm' },
  resources: { gpu: { count: gpus } },
})

describeAgents(
  'an agent that waits for a deployment',
  {
    programs: { agent: { role: 'deployer', namespaces: ['default'] } },
    people: { ada: { role: 'deployer', namespaces: ['default'] } },
    startClusters: async (defer) => {
      const cluster = await startApiServer()
      const kubeconfig = cluster.kubeconfig('client-certificate')
      const nodes = [{ ...node, name: 'gpu-1', gpus: 4 }]
      const controller = startController({ kubeconfig, timeline: fastTimeline, nodes })
      defer(async () => {
        await controller.stop()
        await cluster.stop()
      })
      // Nobody takes care of anything here: what is made stays as it was made.
      const idle = await startApiServer({ webhooks: false })
      defer(() => idle.stop())
      return { prod: kubeconfig, idle: idle.kubeconfig('service-account-token') }
    },
  },
  (world, agents) => {
    const placeOf = (name: string) => ({ instance: 'prod', namespace: 'default', name })
    let ada: Browser

    beforeAll(async () => {
      ada = world.hub.browser()
      await ada.signIn('ada')
      const agent = await agents.connect('agent')
      await vi.waitFor(async () => {
        const spec = { ...specOf(8), model: { id: 'Qwen/Qwen3-32B' } }
        const made = await agent.call('create_deployment', { ...placeOf('big'), spec })
        expect([made.isError, made.text]).toEqual([undefined, made.text])
      }, soon)
      await agent.close()
    })

    test.each([
      ['2025-11-25', undefined],
      ['2026-07-28', 'auto'],
    ] as const)('hears how it comes up, and that it runs (%s)', async (revision, mode) => {
      const agent = await agents.connect('agent', mode)
      const place = placeOf(`wait-${revision}`)
      const heard: { progress: number; message?: string | undefined }[] = []
      await agent.call('create_deployment', { ...place, spec: specOf(1) })
      const waited = await agent.call(
        'wait_for_deployment',
        { ...place, seconds: '60' },
        { onprogress: (told) => void heard.push(told), resetTimeoutOnProgress: true },
      )
      expect(waited.structuredContent).toMatchObject({ outcome: 'running', state: 'running' })
      expect(heard.length).toBeGreaterThan(1)
      expect(heard.every(({ message }) => message!.length > 0)).toBe(true)
      const values = heard.map(({ progress }) => progress)
      expect(values).toEqual([...new Set(values)].toSorted((a, b) => a - b))
      const deleted = await agent.call('delete_deployment', place)
      expect(deleted.isError).toBeUndefined()
      const gone = await agent.call('wait_for_deployment', { ...place, seconds: 60 })
      // It may have been gone before it was asked for.
      expect(gone.structuredContent?.['outcome'] ?? gone.text).toMatch(
        /gone|There is no deployment/,
      )
      await agent.close()
    })

    test('hears what needs somebody, with the cause and what helps', async () => {
      const agent = await agents.connect('agent', 'auto')
      const waited = await agent.call('wait_for_deployment', { ...placeOf('big'), seconds: 60 })
      const why = await agent.call('explain_deployment', placeOf('big'))
      const { evidence, next, sentence, state } = why.structuredContent!
      expect(waited.structuredContent).toMatchObject({
        outcome: 'needs-attention',
        state: 'waiting-for-gpus',
      })
      expect(waited.structuredContent).toMatchObject({ evidence, next, sentence, state })
      await agent.close()
    })

    test('over REST as well, with its time', async () => {
      const path = '/api/instances/prod/namespaces/default/deployments/big/wait'
      const answer = await ada.get(`${path}?seconds=1`)
      expect(await answer.json()).toMatchObject({ outcome: 'still-waiting', waitedSeconds: 1 })
      expect((await ada.get(`${path}?seconds=601`)).status).toBe(400)
      expect((await ada.get(path.replace('big', 'none'))).status).toBe(404)
    })

    test('a call that is cancelled waits no more, and one whose token ends is told so', async () => {
      const made = await ada.send('POST', '/api/auth/tokens', {
        name: 'wait',
        roleCeiling: 'viewer',
        expiresInDays: 1,
      })
      const { secret, token } = (await made.json()) as { secret: string; token: { id: string } }
      const agent = await connectAgent(world.hub, secret, 'auto')
      const place = { ...placeOf('held'), instance: 'idle' }
      const { provider: _, ...spec } = specOf(0)
      await vi.waitFor(async () => {
        const path = '/api/instances/idle/namespaces/default/deployments'
        expect((await ada.send('POST', path, { name: 'held', spec })).status).toBe(201)
      }, soon)
      for (let time = 0; time < 20; time += 1) {
        const cancelled = new AbortController()
        const waiting = agent.call(
          'wait_for_deployment',
          { ...place, seconds: 600 },
          { signal: cancelled.signal, onprogress: () => cancelled.abort() },
        )
        await expect(waiting).rejects.toThrow(/abort/i)
      }
      let isWaiting = false
      const last = agent.call(
        'wait_for_deployment',
        { ...place, seconds: 600 },
        { onprogress: () => (isWaiting = true) },
      )
      await vi.waitFor(() => expect(isWaiting).toBe(true), soon)
      await ada.send('DELETE', `/api/auth/tokens/${token.id}`)
      expect(await last).toMatchObject({
        isError: true,
        text: expect.stringContaining('signed out'),
      })
      await agent.close()
    })
  },
)
