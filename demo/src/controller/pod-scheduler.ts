import type { KubeClient } from '../client.ts'
import type { KubeObject, Untyped } from '../objects.ts'
import { kubeTime } from './conditions.ts'
import { writeEvent } from './events.ts'
import type { Informer } from './informer.ts'
import { isFinished, occupy, placePod, readOccupancy } from './scheduler.ts'

export type PodSchedulerOptions = {
  client: KubeClient
  pods: () => Informer
  nodes: () => Informer
  /** Whether the pod has waited as long as placing takes; else it is asked again when it has. */
  isDue: (pod: KubeObject) => boolean
  patchStatus: (pod: KubeObject, status: object) => Promise<void>
}

/** Binds what waits to nodes, oldest first, or says at each pod why it cannot. */
export function createPodScheduler(options: PodSchedulerOptions): () => Promise<void> {
  return async function schedulePending(): Promise<void> {
    const nodes = options.nodes().list()
    if (nodes.length === 0) return
    const occupancy = readOccupancy(nodes, options.pods().list())
    for (const pod of options.pods().list().toSorted(byAge)) {
      if (pod.spec.nodeName || pod.metadata.deletionTimestamp || isFinished(pod)) continue
      if (!options.isDue(pod)) continue
      const placement = (await missingClaim(options.client, pod)) ?? placePod(pod, occupancy)
      if ('reason' in placement) await markUnschedulable(options, pod, placement.reason)
      else {
        await bind(options.client, pod, placement.node)
        occupy(occupancy, pod, placement.node)
      }
    }
  }
}

/** A pod waits for the claims that it names. */
async function missingClaim(
  client: KubeClient,
  { metadata, spec }: KubeObject,
): Promise<{ reason: string } | null> {
  for (const { persistentVolumeClaim } of (spec.volumes ?? []) as Untyped[]) {
    if (!persistentVolumeClaim) continue
    const { claimName } = persistentVolumeClaim
    const path = `/api/v1/namespaces/${metadata.namespace}/persistentvolumeclaims/${claimName}`
    if ((await client.raw('GET', path)).status !== 404) continue
    return { reason: `0/1 nodes are available: persistentvolumeclaim "${claimName}" not found.` }
  }
  return null
}

async function bind(client: KubeClient, pod: KubeObject, node: string): Promise<void> {
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

async function markUnschedulable(
  { client, patchStatus }: PodSchedulerOptions,
  pod: KubeObject,
  message: string,
): Promise<void> {
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

export function times() {
  return { lastProbeTime: null, lastTransitionTime: kubeTime() }
}

export function podPath({ metadata }: KubeObject): string {
  return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`
}

function byAge(a: KubeObject, b: KubeObject): number {
  const [first, second] = [a, b].map(
    (pod) => `${pod.metadata.creationTimestamp} ${pod.metadata.name}`,
  )
  return first! < second! ? -1 : 1
}
