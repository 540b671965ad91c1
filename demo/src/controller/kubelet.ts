import { KubeError } from '../client.ts'
import type { KubeClient } from '../client.ts'
import type { KubeObject, Untyped } from '../objects.ts'
import { kubeTime } from './conditions.ts'
import { writeEvent } from './events.ts'
import { crashOf, missingSecretOf } from './faults.ts'
import type { Informer } from './informer.ts'
import { keyOf } from './informer.ts'
import { createPodScheduler, podPath, times } from './pod-scheduler.ts'
import { isFinished } from './scheduler.ts'
import type { Timeline } from './timeline.ts'
import { createWorkQueue } from './work-queue.ts'
import type { WorkQueue } from './work-queue.ts'

type KubeletOptions = {
  client: KubeClient
  pods: () => Informer
  nodes: () => Informer
  timeline: Timeline
  log: (message: string) => void
}

export type Kubelets = {
  podChanged(pod: KubeObject, isDeleted: boolean): void
  nodesChanged(): void
  stop(): Promise<void>
}

/** A tag that no registry has: pods with it show what a failed pull looks like. */
const missingTag = /:missing$/
/** How much longer a container that crashed waits than it takes to load. */
const backOffFactor = 4

/** Scheduler and kubelets: pods are bound to nodes and walked to Running, ready, and gone. */
export function startKubelets(options: KubeletOptions): Kubelets {
  const { client, timeline } = options
  const stages = createStages()
  const nextReadyAt = new Map<string, number>()
  let podNumber = 0
  // One queue with one key: two pods must not be placed on the same last GPU.
  const scheduling: WorkQueue = createWorkQueue(
    createPodScheduler({
      client,
      pods: options.pods,
      nodes: options.nodes,
      isDue: (pod) => {
        const remainingMs = timeline.scheduleMs - stages.elapsed(pod, 'unscheduled')
        if (remainingMs > 0) scheduling.enqueue('all', remainingMs)
        return remainingMs <= 0
      },
      patchStatus: (pod, status) => patchStatus(client, pod, status),
    }),
    (_, error) => report('scheduling', error),
  )
  const walking: WorkQueue = createWorkQueue(walk, report)

  function report(key: string, error: unknown) {
    options.log(`pod ${key}: ${error instanceof Error ? error.message : String(error)}`)
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
      await patchStatus(client, pod, creating(pod))
      await writeEvent(client, pod, toPullEvent('Pulling', `Pulling image "${imageOf(pod)}"`))
    } else if (container.state?.waiting?.reason === 'ContainerCreating') {
      if (!isDue(pod, 'creating', timeline.pullMs)) return
      if (missingTag.test(imageOf(pod))) return failPull(client, pod)
      const secret = missingSecretOf(pod)
      if (secret !== null) return failConfig(client, pod, secret)
      await patchStatus(client, pod, running(pod, false, ++podNumber))
      const message = `Successfully pulled image "${imageOf(pod)}"`
      await writeEvent(client, pod, toPullEvent('Pulled', message))
      await writeEvent(client, pod, toPullEvent('Started', `Started container ${container.name}`))
    } else if (container.state?.running && !container.ready) {
      const stage = `loading ${container.restartCount}`
      if (!isDue(pod, stage, timeline.loadMs)) return
      const crash = crashOf(pod)
      if (crash) return failRun(client, pod, crash)
      const owner = pod.metadata.ownerReferences?.[0]?.uid ?? ''
      const waitMs = (nextReadyAt.get(owner) ?? 0) - Date.now()
      if (waitMs > 0) return walking.enqueue(key, waitMs)
      nextReadyAt.set(owner, Date.now() + timeline.staggerMs)
      await patchStatus(client, pod, running(pod, true, 0))
    } else if (container.state?.waiting?.reason === 'CrashLoopBackOff') {
      const stage = `backing off ${container.restartCount}`
      if (!isDue(pod, stage, timeline.loadMs * backOffFactor)) return
      await patchStatus(client, pod, running(pod, false, 0))
    }
  }

  function isDue(pod: KubeObject, stage: string, lastsMs: number): boolean {
    const remainingMs = lastsMs - stages.elapsed(pod, stage)
    if (remainingMs <= 0) return true
    walking.enqueue(keyOf(pod.metadata), remainingMs)
    return false
  }

  return {
    podChanged: (pod, isDeleted) => {
      if (isDeleted) stages.forget(pod)
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

/** When a pod first showed its present stage; each stage lasts as the timeline says. */
function createStages() {
  const stages = new Map<string, { stage: string; since: number }>()
  return {
    elapsed: ({ metadata }: KubeObject, stage: string): number => {
      const key = metadata.uid!
      if (stages.get(key)?.stage !== stage) stages.set(key, { stage, since: Date.now() })
      return Date.now() - stages.get(key)!.since
    },
    forget: ({ metadata }: KubeObject) => void stages.delete(metadata.uid!),
  }
}

async function failPull(client: KubeClient, pod: KubeObject): Promise<void> {
  const message = `Back-off pulling image "${imageOf(pod)}"`
  const state = { waiting: { reason: 'ImagePullBackOff', message } }
  const status = creating(pod)
  await patchStatus(client, pod, {
    ...status,
    containerStatuses: status.containerStatuses.map((each: Untyped) => ({ ...each, state })),
  })
  const event = { type: 'Warning', reason: 'Failed', component: 'kubelet' } as const
  await writeEvent(client, pod, {
    ...event,
    message: `Failed to pull image "${imageOf(pod)}": not found`,
  })
}

async function failConfig(client: KubeClient, pod: KubeObject, secret: string): Promise<void> {
  const message = `secret "${secret}" not found`
  const state = { waiting: { reason: 'CreateContainerConfigError', message } }
  const status = creating(pod)
  await patchStatus(client, pod, {
    ...status,
    containerStatuses: status.containerStatuses.map((each: Untyped) => ({ ...each, state })),
  })
  const event = { type: 'Warning', reason: 'Failed', component: 'kubelet' } as const
  await writeEvent(client, pod, { ...event, message: `Error: ${message}` })
}

/** The container has ended, and is started again a while later. */
async function failRun(
  client: KubeClient,
  pod: KubeObject,
  crash: { exitCode: number; reason: string },
): Promise<void> {
  const message = `back-off restarting failed container in pod ${pod.metadata.name}`
  await patchStatus(client, pod, {
    phase: 'Running',
    conditions: toConditions(pod, false),
    containerStatuses: pod.status.containerStatuses.map((each: Untyped) => ({
      ...each,
      ready: false,
      restartCount: each.restartCount + 1,
      state: { waiting: { reason: 'CrashLoopBackOff', message } },
      lastState: {
        terminated: {
          ...crash,
          startedAt: each.state.running.startedAt,
          finishedAt: kubeTime(),
        },
      },
    })),
  })
  const event = { type: 'Warning', reason: 'BackOff', component: 'kubelet' } as const
  await writeEvent(client, pod, { ...event, message })
}

async function patchStatus(client: KubeClient, pod: KubeObject, status: object): Promise<void> {
  const response = await client.raw('PATCH', `${podPath(pod)}/status`, {
    contentType: 'application/merge-patch+json',
    body: { metadata: { uid: pod.metadata.uid }, status },
  })
  if (response.status >= 500) throw new KubeError(response.body)
}

function creating(pod: KubeObject): Untyped {
  return {
    phase: 'Pending',
    startTime: kubeTime(),
    conditions: toConditions(pod, false),
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
    conditions: toConditions(pod, isReady),
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

/** A pod's status once its container runs and is ready. */
export function toReadyStatus(pod: KubeObject, number: number): Untyped {
  return running({ ...pod, status: creating(pod) }, true, number)
}

/** One that stays as it was has been so since then. */
function toConditions({ status: before }: KubeObject, isReady: boolean): object[] {
  const notReady = isReady
    ? {}
    : { reason: 'ContainersNotReady', message: 'containers are not ready' }
  const status = isReady ? 'True' : 'False'
  return [
    { type: 'PodScheduled', status: 'True' },
    { type: 'Initialized', status: 'True' },
    { type: 'ContainersReady', status, ...notReady },
    { type: 'Ready', status, ...notReady },
  ].map((condition) => {
    const known = before?.conditions?.find(({ type }: Untyped) => type === condition.type)
    const since = known?.status === condition.status && known.lastTransitionTime
    return { ...condition, ...times(), ...(since && { lastTransitionTime: since }) }
  })
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
