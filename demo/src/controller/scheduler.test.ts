import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, expectRealClusterInCi } from '../../test/clusters.ts'
import { createKubeClient } from '../client.ts'
import type { KubeClient } from '../client.ts'
import type { Cluster } from '../cluster.ts'
import { startControlPlane } from '../control-plane.ts'
import type { KubeObject, Untyped } from '../objects.ts'
import { placePod, readOccupancy } from './scheduler.ts'

expectRealClusterInCi()

const assets = process.env['KUBEBUILDER_ASSETS']
const pods = '/api/v1/namespaces/default/pods'

describe('placement', () => {
  test('counts each reason over the nodes, sorted as text', () => {
    const nodes = [
      toNode('a', { labels: { zone: 'z1' }, allocatable: { 'nvidia.com/gpu': '2' } }),
      toNode('b', { taints: [{ key: 'pool', value: 'x', effect: 'NoExecute' }] }),
      toNode('c', { unschedulable: true }),
      toNode('d', { labels: { zone: 'z2' } }),
    ]
    const pod = toPod('p', { 'nvidia.com/gpu': '4' }, { nodeSelector: { zone: 'z1' } })
    expect(placePod(pod, readOccupancy(nodes, []))).toEqual({
      reason:
        "0/4 nodes are available: 1 Insufficient nvidia.com/gpu, 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable.",
    })
  })

  test('what runs on a node is taken; what has finished is not', () => {
    const nodes = [toNode('a', { allocatable: { 'nvidia.com/gpu': '2' } })]
    const running = toPod('r', { 'nvidia.com/gpu': '2' }, { nodeName: 'a' })
    const wanted = toPod('p', { 'nvidia.com/gpu': '1' })
    expect(placePod(wanted, readOccupancy(nodes, [running]))).toEqual({
      reason: '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.',
    })
    const finished = { ...running, status: { phase: 'Succeeded' } }
    expect(placePod(wanted, readOccupancy(nodes, [finished]))).toEqual({ node: 'a' })
  })
})

describe.skipIf(!assets)(
  'placement beside the real kube-scheduler (where KUBEBUILDER_ASSETS is set)',
  () => {
    let cluster: Cluster
    let admin: KubeClient
    beforeAll(async () => {
      cluster = await startControlPlane({ assets: assets!, scheduler: true })
      admin = createKubeClient(cluster.kubeconfig('client-certificate'))
    }, 90_000)
    afterAll(async () => {
      await admin?.close()
      await cluster?.stop()
    }, 30_000)

    const verdicts: string[] = []
    const createNode = async (node: KubeObject) => {
      await admin.request('POST', '/api/v1/nodes', { body: node })
      // A node lifecycle controller would lift the taint that every new node gets.
      await admin.request('PATCH', `/api/v1/nodes/${node.metadata.name}`, {
        contentType: 'application/merge-patch+json',
        body: { spec: { taints: node['spec'].taints ?? null } },
      })
    }
    const remove = (path: string) =>
      admin.request('DELETE', path, { body: { gracePeriodSeconds: 0 } })
    /** kube-scheduler's answer: that the pod fits, or its counted reasons. */
    const readVerdict = async (name: string): Promise<string> => {
      const { spec, status } = await admin.request('GET', `${pods}/${name}`)
      if (spec.nodeName) return 'fits'
      const condition = status.conditions?.find((each: Untyped) => each.type === 'PodScheduled')
      return toCountedReasons(condition?.message ?? '')
    }

    test.each([1, 2, 3, 4, 5, 6])(
      'round %i: generated nodes and pods, one pod at a time on the same state',
      async (round) => {
        const random = createRandom(round)
        const nodes = Array.from({ length: 2 + random.below(4) }, (_, i) =>
          generateNode(random, `node-${round}-${i}`),
        )
        for (const node of nodes) await createNode(node)
        const names = nodes.map((node) => node.metadata.name)
        const running = generateRunningPods(random, names, round)
        for (const pod of running) await admin.request('POST', pods, { body: pod })

        for (let i = 0; i < 12; i++) {
          const { metadata } = await admin.request('POST', pods, {
            body: generatePod(random, `pod-${round}-${i}`, names),
          })
          const pod = await admin.request('GET', `${pods}/${metadata.name}`)
          const state = await admin.request('GET', '/api/v1/nodes')
          const { items } = await admin.request('GET', pods)
          const others = items.filter((each: KubeObject) => each.metadata.name !== metadata.name)
          const placement = placePod(pod, readOccupancy(state.items, others))
          const expected = 'node' in placement ? 'fits' : placement.reason
          await eventually(
            async () =>
              expect({ verdict: await readVerdict(metadata.name), spec: pod.spec }).toEqual({
                verdict: expected,
                spec: expect.anything(),
              }),
            8_000,
          )
          verdicts.push(expected)
          // What fits is deleted too, so that one wrong choice of a node does not change the next case.
          await remove(`${pods}/${metadata.name}`)
        }
        for (const pod of running) await remove(`${pods}/${pod.metadata.name}`)
        for (const name of names) await remove(`/api/v1/nodes/${name}`)
      },
      120_000,
    )

    test('the cases were of every kind', () => {
      const seen = verdicts.join(' ')
      for (const kind of [
        'fits',
        'Insufficient cpu',
        'Insufficient memory',
        'Insufficient nvidia.com/gpu',
        'Insufficient amd.com/gpu',
        'Too many pods',
        'node(s) had untolerated taint(s)',
        'node(s) were unschedulable',
        "node(s) didn't match Pod's node affinity/selector",
        "node(s) didn't satisfy plugin(s) [NodeAffinity]",
      ]) {
        expect(seen).toContain(kind)
      }
      expect(verdicts.length).toBeGreaterThanOrEqual(72)
    })
  },
)

/** The sentence up to its counts; what follows speaks of preemption, which the demo does not play. */
function toCountedReasons(message: string): string {
  return message.replace(/ (no new claims to deallocate, )?preemption: .*$/s, '')
}

type Random = { below(limit: number): number; pick<T>(items: readonly T[]): T }

/** mulberry32: the same seed gives the same nodes and pods everywhere. */
function createRandom(seed: number): Random {
  let state = seed * 0x9e3779b1
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return { below, pick: (items) => items[below(items.length)]! }
}

const taints = [
  { key: 'nvidia.com/gpu', effect: 'NoSchedule' },
  { key: 'pool', value: 'batch', effect: 'NoSchedule' },
  { key: 'pool', value: 'spot', effect: 'NoExecute' },
  { key: 'old', effect: 'PreferNoSchedule' },
]
const tolerations = [
  { key: 'nvidia.com/gpu', operator: 'Exists' },
  { key: 'pool', operator: 'Equal', value: 'batch', effect: 'NoSchedule' },
  { key: 'pool', operator: 'Equal', value: 'spot' },
  { key: 'pool', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
  { operator: 'Exists' },
]
const zones = ['z1', 'z2', 'z3']

function generateNode(random: Random, name: string): KubeObject {
  const labels = {
    ...(random.below(4) > 0 && { zone: random.pick(zones) }),
    ...(random.below(2) > 0 && { size: String(1 + random.below(8)) }),
  }
  return toNode(name, {
    labels,
    unschedulable: random.below(6) === 0,
    taints: taints.filter(() => random.below(5) === 0),
    allocatable: {
      cpu: random.pick(['1500m', '4', '16']),
      memory: random.pick(['2Gi', '16Gi', '64G']),
      pods: random.pick(['0', '1', '3', '110']),
      ...(random.below(3) > 0 && { 'nvidia.com/gpu': random.pick(['1', '2', '8']) }),
      ...(random.below(4) === 0 && { 'amd.com/gpu': '2' }),
    },
  })
}

function generateRunningPods(random: Random, nodes: readonly string[], round: number) {
  return Array.from({ length: random.below(6) }, (_, i) =>
    toPod(`running-${round}-${i}`, generateRequests(random), { nodeName: random.pick(nodes) }),
  )
}

function generatePod(random: Random, name: string, nodes: readonly string[]): KubeObject {
  const requirement = () =>
    random.pick([
      { key: 'zone', operator: 'In', values: [random.pick(zones), random.pick(zones)] },
      { key: 'zone', operator: 'NotIn', values: [random.pick(zones)] },
      { key: 'zone', operator: 'Exists' },
      { key: 'size', operator: 'DoesNotExist' },
      { key: 'size', operator: 'Gt', values: [String(random.below(8))] },
      { key: 'size', operator: 'Lt', values: [String(random.below(8))] },
    ])
  const field = () => ({ key: 'metadata.name', operator: 'In', values: [random.pick(nodes)] })
  const term = () => ({
    ...(random.below(4) > 0 && { matchExpressions: [requirement()] }),
    ...(random.below(4) === 0 && { matchFields: [field()] }),
  })
  const terms = Array.from({ length: 1 + random.below(2) }, term)
  const hasAffinity = random.below(3) === 0
  return toPod(name, generateRequests(random), {
    ...(random.below(4) === 0 && { nodeSelector: { zone: random.pick(zones) } }),
    tolerations: tolerations.filter(() => random.below(5) === 0),
    ...(hasAffinity && {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
        },
      },
    }),
    ...(random.below(4) === 0 && {
      initContainers: [toContainer('init', generateRequests(random))],
    }),
  })
}

function generateRequests(random: Random): Record<string, string> {
  return {
    ...(random.below(3) > 0 && { cpu: random.pick(['100m', '0.5', '1', '2500m', '20']) }),
    ...(random.below(3) > 0 && { memory: random.pick(['128Mi', '1Gi', '15Gi', '1e9', '100Gi']) }),
    ...(random.below(2) > 0 && { 'nvidia.com/gpu': random.pick(['1', '2', '4', '16']) }),
    ...(random.below(6) === 0 && { 'amd.com/gpu': '1' }),
  }
}

function toNode(
  name: string,
  node: {
    labels?: Record<string, string>
    taints?: object[]
    unschedulable?: boolean
    allocatable?: Record<string, string>
  },
): KubeObject {
  const allocatable = { cpu: '8', memory: '32Gi', pods: '110', ...node.allocatable }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...node.labels } },
    spec: {
      ...(node.unschedulable && { unschedulable: true }),
      ...(node.taints?.length && { taints: node.taints }),
    },
    status: { capacity: allocatable, allocatable },
  }
}

function toPod(name: string, requests: Record<string, string>, spec: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [toContainer('main', requests)], ...spec },
  }
}

function toContainer(name: string, requests: Record<string, string>) {
  return { name, image: 'demo', resources: { requests, limits: requests } }
}
