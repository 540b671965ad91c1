import { KubeError } from '../client.ts'
import type { KubeClient } from '../client.ts'
import type { KubeObject, Untyped } from '../objects.ts'
import { kubeTime } from './conditions.ts'
import { writeEvent } from './events.ts'
import type { Informer } from './informer.ts'
import { keyOf } from './informer.ts'
import { isFinished, occupy, placePod, readOccupancy } from './scheduler.ts'
import type { Timeline } from './timeline.ts'
import { createWorkQueue } from './work-queue.ts'
import type { WorkQueue } from './work-queue.ts'

export type Kubelets = {
  podChanged(pod: KubeObject, isDeleted: boolean): void
  nodesChanged(): void
  stop(): Promise<void>
}

/** A tag that no registry has: pods with it show what a failed pull looks like. */
const missingTag = /:missing$/

/** Scheduler and kubelets: binds pods to nodes and walks them to Running, ready, and gone. */
export function startKubelets(options: {
  client: KubeClient
  pods: () => Informer
  nodes: () => Informer
  timeline: Timeline
  log: (message: string) => void
}): Kubelets {
  const { client, timeline } = options
  /** When a pod first showed its present stage; each stage lasts as the timeline says. */
  const stages = new Map<string, { stage: string; since: number }>()
  const nextReadyAt = new Map<string, number>()
  let podNumber = 0
  // One queue with one key: two pods must not be placed on the same last GPU.
  const scheduling = createWorkQueue(schedulePending, (_, error) => report('scheduling', error))
  const walking: WorkQueue = createWorkQueue(walk, report)

  function report(key: string, error: unknown) {
    options.log(`pod ${key}: ${error instanceof Error ? error.message : String(error)}`)
  }

  async function schedulePending(): Promise<void> {
    const nodes = options.nodes().list()
    if (nodes.length === 0) return
    const occupancy = readOccupancy(nodes, options.pods().list())
    for (const pod of options.pods().list().toSorted(byAge)) {
      if (pod.spec.nodeName || pod.metadata.deletionTimestamp || isFinished(pod)) continue
      const waitedMs = elapsed(pod, 'unscheduled')
      if (waitedMs < timeline.scheduleMs) {
        scheduling.enqueue('all', timeline.scheduleMs - waitedMs)
        continue
      }
      const placement = placePod(pod, occupancy)
      if ('reason' in placement) await markUnschedulable(pod, placement.reason)
      else {
        await bind(pod, placement.node)
        occupy(occupancy, pod, placement.node)
      }
    }
  }

  async function bind(pod: KubeObject, node: string): Promise<void> {
    const { namespace, name } = pod.metadata
    const body = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    }
    const bound = await client.raw('POST', `${podPath(pod)}/binding`, { body })
    if (bound.status >= 400) return // gone or bound meanwhile: the watch will tell
    const message = `Successfully assigned ${namespace}/${name} to ${node}`
    await writeEvent(client, pod, {
      type: 'Normal',
      reason: 'Scheduled',
      message,
      component: 'default-scheduler',
    })
  }

  async function markUnschedulable(pod: KubeObject, message: string): Promise<void> {
    const existing = (pod.status?.conditions ?? []).find(
      (each: Untyped) => each.type === 'PodScheduled',
    )
    if (existing?.message === message) return
    await patchStatus(pod, {
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, ...times() },
      ],
    })
    await writeEvent(client, pod, {
      type: 'Warning',
      reason: 'FailedScheduling',
      message,
      component: 'default-scheduler',
    })
  }

  async function walk(key: string): Promise<void> {
    const [namespace, name] = key.split('/') as [string, string]
    const pod = options.pods().get(namespace, name)
    if (!pod) return
    if (pod.metadata.deletionTimestamp) {
      if (isDue(pod, 'terminating', timeline.terminateMs)) {
        await client.raw('DELETE', podPath(pod), { body: { gracePeriodSeconds: 0 } })
      }
      return
    }
    if (!pod.spec.nodeName || isFinished(pod)) return
    const container = pod.status?.containerStatuses?.[0]
    if (!container) {
      await patchStatus(pod, creating(pod))
      await writeEvent(client, pod, toPullEvent('Pulling', `Pulling image "${imageOf(pod)}"`))
    } else if (container.state?.waiting?.reason === 'ContainerCreating') {
      if (!isDue(pod, 'creating', timeline.pullMs)) return
      if (missingTag.test(imageOf(pod))) return failPull(pod)
      await patchStatus(pod, running(pod, false, ++podNumber))
      const message = `Successfully pulled image "${imageOf(pod)}"`
      await writeEvent(client, pod, toPullEvent('Pulled', message))
      await writeEvent(client, pod, toPullEvent('Started', `Started container ${container.name}`))
    } else if (container.state?.running && !container.ready) {
      if (!isDue(pod, 'loading', timeline.loadMs)) return
      const owner = pod.metadata.ownerReferences?.[0]?.uid ?? ''
      const waitMs = (nextReadyAt.get(owner) ?? 0) - Date.now()
      if (waitMs > 0) return walking.enqueue(key, waitMs)
      nextReadyAt.set(owner, Date.now() + timeline.staggerMs)
      await patchStatus(pod, running(pod, true, 0))
    }
  }

  async function failPull(pod: KubeObject): Promise<void> {
    const message = `Back-off pulling image "${imageOf(pod)}"`
    const state = { waiting: { reason: 'ImagePullBackOff', message } }
    const status = creating(pod)
    await patchStatus(pod, {
      ...status,
      containerStatuses: status.containerStatuses.map((each: Untyped) => ({ ...each, state })),
    })
    const event = { type: 'Warning', reason: 'Failed', component: 'kubelet' } as const
    await writeEvent(client, pod, {
      ...event,
      message: `Failed to pull image "${imageOf(pod)}": not found`,
    })
  }

  async function patchStatus(pod: KubeObject, status: object): Promise<void> {
    const response = await client.raw('PATCH', `${podPath(pod)}/status`, {
      contentType: 'application/merge-patch+json',
      body: { metadata: { uid: pod.metadata.uid }, status },
    })
    if (response.status >= 500) throw new KubeError(response.body)
  }

  function elapsed(pod: KubeObject, stage: string): number {
    const key = pod.metadata.uid!
    const known = stages.get(key)
    if (known?.stage !== stage) stages.set(key, { stage, since: Date.now() })
    return Date.now() - stages.get(key)!.since
  }

  function isDue(pod: KubeObject, stage: string, lastsMs: number): boolean {
    const remainingMs = lastsMs - elapsed(pod, stage)
    if (remainingMs <= 0) return true
    walking.enqueue(keyOf(pod.metadata), remainingMs)
    return false
  }

  return {
    podChanged: (pod, isDeleted) => {
      if (isDeleted) stages.delete(pod.metadata.uid!)
      else walking.enqueue(keyOf(pod.metadata))
      // A pod that came wants room; a pod that went leaves some.
      if (isDeleted || !pod.spec.nodeName) scheduling.enqueue('all')
    },
    nodesChanged: () => scheduling.enqueue('all'),
    stop: async () => {
      await Promise.all([scheduling.stop(), walking.stop()])
    },
  }
}

function creating(pod: KubeObject): Untyped {
  return {
    phase: 'Pending',
    startTime: kubeTime(),
    conditions: toConditions(false),
    containerStatuses: pod.spec.containers.map((container: Untyped) => ({
      name: container.name,
      image: container.image,
      imageID: '',
      ready: false,
      started: false,
      restartCount: 0,
      state: { waiting: { reason: 'ContainerCreating' } },
    })),
  }
}

function running(pod: KubeObject, isReady: boolean, number: number): Untyped {
  return {
    phase: 'Running',
    conditions: toConditions(isReady),
    ...(number > 0 && {
      podIP: toPodIp(number),
      podIPs: [{ ip: toPodIp(number) }],
    }),
    containerStatuses: pod.status.containerStatuses.map((status: Untyped) => ({
      ...status,
      ready: isReady,
      started: true,
      imageID: `${status.image}@demo`,
      state: status.state?.running ? status.state : { running: { startedAt: kubeTime() } },
    })),
  }
}

function toConditions(isReady: boolean): object[] {
  const notReady = isReady
    ? {}
    : { reason: 'ContainersNotReady', message: 'containers are not ready' }
  const status = isReady ? 'True' : 'False'
  return [
    { type: 'PodScheduled', status: 'True', ...times() },
    { type: 'Initialized', status: 'True', ...times() },
    { type: 'ContainersReady', status, ...notReady, ...times() },
    { type: 'Ready', status, ...notReady, ...times() },
  ]
}

function times() {
  return { lastProbeTime: null, lastTransitionTime: kubeTime() }
}

function toPodIp(number: number): string {
  return `10.244.${Math.floor(number / 250) % 250}.${1 + (number % 250)}`
}

function toPullEvent(reason: string, message: string) {
  return { type: 'Normal', reason, message, component: 'kubelet' } as const
}

function imageOf(pod: KubeObject): string {
  return pod.spec.containers[0].image
}

function podPath({ metadata }: KubeObject): string {
  return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`
}

function byAge(a: KubeObject, b: KubeObject): number {
  const [first, second] = [a, b].map(
    (pod) => `${pod.metadata.creationTimestamp} ${pod.metadata.name}`,
  )
  return first! < second! ? -1 : 1
}
