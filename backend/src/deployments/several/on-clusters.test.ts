import { randomUUID } from 'node:crypto'
import { fastTimeline, startController, type KubeClient } from '@hub/demo'
import { Problem, TargetOutcome, TargetOutcomes } from '@hub/shared'
import { beforeAll, expect, test, vi } from 'vitest'
import { selectAuditRows } from '#audit'
import type { TestDatabase } from '../../../test/databases.ts'
import { describeOnClusters } from '../../../test/describe-on-clusters.ts'
import type { Browser, TestHub } from '../../../test/hub.ts'
import { startTcpGate, type TcpGate } from '../../../test/tcp-gate.ts'

const group = '/apis/airunway.ai/v1alpha1'
const objectsIn = (namespace: string) => `${group}/namespaces/${namespace}/modeldeployments`
const soon = { timeout: 60_000, interval: 50 }
const spec = {
  model: { id: 'Qwen/Qwen3-8B' },
  engine: { type: 'vllm' },
  provider: { name: 'vllm' },
}
const namespaces = Array.from({ length: 20 }, (_, index) => `team-${index}`)
const dying = ['dies-0', 'dies-1', 'dies-2']
/** Of the suite that runs: what stands before these. */
let gates: TcpGate[]

describeOnClusters(
  'many targets',
  {
    namespaces,
    options: async ({ cluster, defer }) => {
      const kubeconfig = cluster.kubeconfig('client-certificate')
      defer(startController({ kubeconfig, timeline: fastTimeline }).stop)
      const { hostname: host, port } = new URL(cluster.url)
      gates = await Promise.all(dying.map(() => startTcpGate({ host, port: Number(port) })))
      for (const gate of gates) defer(gate.stop)
      const behind = (gate: TcpGate) =>
        kubeconfig.replaceAll(cluster.url, `https://127.0.0.1:${gate.port}`)
      return {
        credentials: {
          stays: kubeconfig,
          ...Object.fromEntries(dying.map((id, at) => [id, behind(gates[at]!)])),
        },
        env: { HUB_GRANTS: JSON.stringify([{ principal: 'oidc:bob', role: 'deployer' }]) },
      }
    },
  },
  (world) => {
    let client: KubeClient
    let database: TestDatabase
    let hub: TestHub
    let bob: Browser

    beforeAll(async () => {
      ;({ client, database, hub } = world)
      bob = hub.browser()
      await bob.signIn('bob')
      for (const id of ['stays', ...dying]) {
        await vi.waitFor(() => {
          expect(hub.fleet.instanceState(id).synced).toBe(true)
          expect(hub.instances.find(id)?.status.state).toBe('ready')
        }, soon)
      }
    })

    const send = (path: string, body: object, headers: Record<string, string> = {}) =>
      bob.request(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      })
    const outcomesOf = async (answer: Response) => TargetOutcomes.parse(await answer.json()).items
    /** Uids by namespace. */
    const placed = async (name: string) => {
      const { items } = await client.request('GET', `${group}/modeldeployments`)
      return Object.fromEntries(
        (items as { metadata: { name: string; namespace: string; uid: string } }[])
          .filter(({ metadata }) => metadata.name === name)
          .map(({ metadata }) => [metadata.namespace, metadata.uid] as const),
      )
    }

    test('20, of which 3 die in the middle: all are tried first, 17 are done, 3 are named and done by a retry', async () => {
      const name = 'everywhere'
      const targets = namespaces.map((namespace, at) => ({
        instance: dying[at - 17] ?? 'stays',
        namespace,
      }))
      const tried = await outcomesOf(
        await send('/api/deployments?dryRun=All', { name, spec, targets }),
      )
      expect(tried.map(({ outcome, problem }) => problem?.detail ?? outcome)).toEqual(
        targets.map(() => 'done'),
      )
      expect(await placed(name)).toEqual({})

      const key = { 'idempotency-key': randomUUID() }
      for (const gate of gates) gate.freeze()
      const answer = await send(
        '/api/deployments',
        { name, spec, targets },
        { ...key, accept: 'text/event-stream' },
      )
      const outcomes: TargetOutcome[] = []
      for await (const outcome of readOutcomes(answer)) {
        outcomes.push(outcome)
        // The others were sent, and are on their way to nobody.
        if (outcomes.length === 17) for (const gate of gates) await gate.shut()
      }
      expect(outcomes.slice(0, 17).map(({ outcome }) => outcome)).toEqual(
        Array.from({ length: 17 }, () => 'done'),
      )
      expect(
        outcomes
          .slice(17)
          .map(({ instance }) => instance)
          .toSorted(),
      ).toEqual(dying)
      for (const { outcome, problem } of outcomes.slice(17)) {
        expect(outcome).not.toBe('done')
        expect(problem?.detail).toMatch(/^Instance "dies-\d"/)
      }
      const made = await placed(name)
      expect(Object.keys(made).toSorted()).toEqual(namespaces.slice(0, 17).toSorted())

      for (const gate of gates) {
        gate.thaw()
        await gate.open()
      }
      const again = await vi.waitFor(async () => {
        const items = await outcomesOf(await send('/api/deployments', { name, spec, targets }, key))
        expect(items.map(({ outcome }) => outcome)).toEqual(targets.map(() => 'done'))
        return items
      }, soon)
      // None was made twice, nor anew.
      const all = await placed(name)
      expect(Object.keys(all).toSorted()).toEqual(namespaces.toSorted())
      expect(all).toMatchObject(made)
      expect(again.map(({ deployment }) => deployment?.uid)).toEqual(
        namespaces.map((namespace) => all[namespace]),
      )
      const rows = await selectAuditRows(database.db, 1_000)
      const succeeded = rows.filter(
        ({ action, outcome }) => action === 'deployment.create' && outcome === 'success',
      )
      expect(succeeded.map(({ target }) => String(target?.['namespace'])).toSorted()).toEqual(
        namespaces.toSorted(),
      )
    })

    test('many are scaled and deleted at once, and what is there without the hub stays', async () => {
      const name = 'many'
      const targets = namespaces.slice(0, 5).map((namespace) => ({ instance: 'stays', namespace }))
      await outcomesOf(await send('/api/deployments', { name, spec, targets }))
      const foreign = { apiVersion: 'airunway.ai/v1alpha1', kind: 'ModelDeployment', spec }
      await client.request('POST', objectsIn('team-0'), {
        body: { ...foreign, metadata: { name: 'foreign' } },
      })
      const uids = await placed(name)
      const deployments = targets.map((target) => ({
        ...target,
        name,
        uid: uids[target.namespace],
      }))
      const scaled = await outcomesOf(
        await send('/api/deployments/actions', { action: 'scale', replicas: 2, deployments }),
      )
      expect(scaled.map(({ outcome, problem }) => problem?.detail ?? outcome)).toEqual(
        targets.map(() => 'done'),
      )
      for (const namespace of Object.keys(uids)) {
        const { spec: now } = await client.request('GET', `${objectsIn(namespace)}/${name}`)
        expect(now).toMatchObject({ scaling: { replicas: 2 } })
      }
      const deleted = await outcomesOf(
        await send('/api/deployments/actions', { action: 'delete', deployments }),
      )
      expect(deleted.map(({ outcome }) => outcome)).toEqual(targets.map(() => 'done'))
      await vi.waitFor(async () => expect(await placed(name)).toEqual({}), soon)
      expect(Object.keys(await placed('foreign'))).toEqual(['team-0'])
    })

    test('a field that an older CRD lacks is named, and nothing is made without it', async () => {
      const path =
        '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/modeldeployments.airunway.ai'
      const crd = await client.request('GET', path)
      const { properties } =
        crd.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.engine
      for (const field of ['image', 'extraArgs']) delete properties[field]
      await client.request('PUT', path, { body: crd })
      const create = (engine: object) =>
        send('/api/instances/stays/namespaces/team-1/deployments', {
          name: 'newer',
          spec: { ...spec, engine: { type: 'vllm', ...engine } },
        })
      // The API server serves the new schema a moment later.
      const problem = await vi.waitFor(async () => {
        const refused = await create({ image: 'registry.example/vllm:1', extraArgs: ['--x'] })
        if (refused.status === 201) await client.raw('DELETE', `${objectsIn('team-1')}/newer`)
        expect(refused.status).toBe(422)
        return Problem.parse(await refused.json())
      }, soon)
      expect(problem.errors?.map(({ pointer }) => pointer).toSorted()).toEqual([
        '/spec/engine/extraArgs',
        '/spec/engine/image',
      ])
      expect(problem.errors?.map(({ detail }) => detail).join()).toMatch(/older.*older/)
      // A changed CRD makes the API server refuse requests for a moment (429).
      await vi.waitFor(async () => expect(await placed('newer')).toEqual({}), soon)
      await vi.waitFor(async () => expect((await create({})).status).toBe(201), soon)
    })
  },
)

/** As they come; the `end` that counts them is not one. */
async function* readOutcomes(answer: Response): AsyncGenerator<TargetOutcome, void, undefined> {
  let text = ''
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      const [, data] = /^event: outcome\ndata: (.*)$/.exec(block) ?? []
      if (data !== undefined) yield TargetOutcome.parse(JSON.parse(data))
    }
  }
}
