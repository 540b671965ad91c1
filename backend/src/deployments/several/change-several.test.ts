import { randomUUID } from 'node:crypto'
import { fastTimeline, startApiServer, startController, type ApiServer } from '@hub/demo'
import { Deployment, TargetOutcomes } from '@hub/shared'
import { beforeAll, expect, test, vi } from 'vitest'
import { selectAuditRows } from '../../audit/store.ts'
import { describeHub } from '../../../test/describe-hub.ts'
import type { Browser } from '../../../test/hub.ts'
import { loseAnswers } from '../../../test/lose-answers.ts'

const soon = { timeout: 20_000, interval: 25 }
const kind = 'modeldeployments.airunway.ai'
const collection = (instance: string) => `/api/instances/${instance}/namespaces/default/deployments`
const spec = {
  model: { id: 'Qwen/Qwen3-8B' },
  engine: { type: 'vllm' },
  provider: { name: 'vllm' },
  resources: { gpu: { count: 1 } },
}

let east: ApiServer
let west: ApiServer
let isLosing = false

describeHub(
  'one change of several deployments',
  async ({ defer }) => {
    const lose = loseAnswers(({ url = '' }) => isLosing && url.includes('/modeldeployments'))
    ;[east, west] = await Promise.all([startApiServer(), startApiServer({ onRequest: lose })])
    defer(() => Promise.all([east.stop(), west.stop()]))
    for (const cluster of [east, west]) {
      const kubeconfig = cluster.kubeconfig('client-certificate')
      const controller = startController({ kubeconfig, timeline: fastTimeline })
      defer(() => controller.stop())
    }
    return {
      env: {
        HUB_GRANTS: JSON.stringify([
          { principal: 'oidc:bob', role: 'deployer' },
          { principal: 'oidc:eve', role: 'viewer' },
        ]),
      },
      credentials: {
        east: east.kubeconfig('client-certificate'),
        west: west.kubeconfig('client-certificate'),
      },
    }
  },
  (world) => {
    let bob: Browser
    let eve: Browser
    let names = 0

    beforeAll(async () => {
      ;[bob, eve] = [world.hub.browser(), world.hub.browser()]
      await bob.signIn('bob')
      await eve.signIn('eve')
      for (const id of ['east', 'west']) {
        await vi.waitFor(() => expect(world.hub.fleet.instanceState(id).synced).toBe(true), soon)
      }
    })

    const make = async (instance: string) => {
      const name = `several-${(names += 1)}`
      // The runtimes are there soon after their controller is.
      const answer = await vi.waitFor(async () => {
        const made = await bob.send('POST', collection(instance), { name, spec })
        expect(made.status).toBe(201)
        return made
      }, soon)
      const { uid } = Deployment.parse(await answer.json())
      // Its runtime is chosen by then.
      await vi.waitFor(
        () => expect(world.hub.fleet.get(instance, 'default', name)?.phase).toBe('Running'),
        soon,
      )
      return { instance, namespace: 'default', name, uid }
    }
    const send = async (who: Browser, body: object, key?: string) => {
      const answer = await who.request('/api/deployments/actions', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: {
          'content-type': 'application/json',
          ...(key !== undefined && { 'idempotency-key': key }),
        },
      })
      expect(answer.status).toBe(200)
      const requestId = answer.headers.get('x-request-id')!
      return { ...TargetOutcomes.parse(await answer.json()), requestId }
    }
    const stored = ({ instance, name }: { instance: string; name: string }) =>
      (instance === 'east' ? east : west).storage.find(kind, 'default', name)?.object as
        | { metadata: { generation: number; annotations: Record<string, string> }; spec: object }
        | undefined
    const codes = ({ items }: TargetOutcomes) =>
      items.map(({ outcome, problem }) => problem?.code ?? outcome)
    const attempts = async (requestId: string) =>
      (await selectAuditRows(world.database.db, 500)).filter(
        (row) => row.requestId === requestId && row.outcome === 'attempt',
      )

    test('scales, pauses, resumes, restarts and deletes each, under one request id', async () => {
      const deployments = [await make('east'), await make('west')]
      const scaled = await send(bob, { action: 'scale', replicas: 4, deployments })
      expect(codes(scaled)).toEqual(['done', 'done'])
      expect(scaled.items.map(({ deployment }) => deployment?.replicas.desired)).toEqual([4, 4])
      expect(await attempts(scaled.requestId)).toHaveLength(2)
      expect(codes(await send(bob, { action: 'pause', deployments }))).toEqual(['done', 'done'])
      const paused = 'airunway.ai/reconcile-paused'
      for (const each of deployments)
        expect(stored(each)!.metadata.annotations[paused]).toBe('true')
      expect(codes(await send(bob, { action: 'resume', deployments }))).toEqual(['done', 'done'])
      expect(codes(await send(bob, { action: 'restart', deployments }))).toEqual(['done', 'done'])
      for (const each of deployments) {
        expect(stored(each)!.metadata.annotations[paused]).toBeUndefined()
        expect(JSON.stringify(stored(each)!.spec)).toContain('restartedAt')
      }
      expect(codes(await send(bob, { action: 'delete', deployments }))).toEqual(['done', 'done'])
      await vi.waitFor(() => {
        for (const each of deployments) expect(stored(each)).toBeUndefined()
      }, soon)
    })

    test('is no change of one that took the name, of one that is gone, or by who may not', async () => {
      const known = await make('east')
      const other = { ...known, uid: randomUUID() }
      const gone = { ...known, name: 'gone', uid: randomUUID() }
      const deployments = [other, gone, known]
      const answer = await send(bob, { action: 'scale', replicas: 2, deployments })
      expect(codes(answer)).toEqual(['conflict', 'not-found', 'done'])
      expect(codes(await send(bob, { action: 'delete', deployments: [other, gone] }))).toEqual([
        'conflict',
        'not-found',
      ])
      const refused = await send(eve, { action: 'delete', deployments: [known] })
      expect(codes(refused)).toEqual(['forbidden'])
      const rows = await selectAuditRows(world.database.db, 500)
      expect(rows.find((row) => row.requestId === refused.requestId)).toMatchObject({
        action: 'access.denied',
        actor: 'oidc:eve',
      })
      expect(stored(known)).toBeDefined()
    })

    test('replicas belong to scaling alone', async () => {
      for (const body of [
        { action: 'scale', deployments: [await make('east')] },
        { action: 'restart', replicas: 2, deployments: [await make('east')] },
      ]) {
        const answer = await bob.send('POST', '/api/deployments/actions', body)
        expect(answer.status).toBe(400)
      }
    })

    test('what an answer was lost of is not done twice by a retry', async () => {
      const deployments = [await make('west'), await make('east')]
      const generations: (number | undefined)[][] = []
      for (const action of ['restart', 'delete']) {
        const key = randomUUID()
        isLosing = true
        const lost = await send(bob, { action, deployments }, key)
        isLosing = false
        expect(lost.items.map(({ outcome }) => outcome)).toEqual(['unknown', 'done'])
        const before = stored(deployments[0]!)?.metadata.generation
        await vi.waitFor(async () => {
          const again = await send(bob, { action, deployments }, key)
          expect(codes(again)).toEqual(['done', 'done'])
        }, soon)
        generations.push([before, stored(deployments[0]!)?.metadata.generation])
      }
      const [[before, after] = []] = generations
      expect([before, after]).toEqual([expect.any(Number), before])
      await vi.waitFor(() => expect(stored(deployments[0]!)).toBeUndefined(), soon)
    })
  },
)
