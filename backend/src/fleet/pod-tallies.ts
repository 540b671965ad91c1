import type { PodTally } from './read-deployment.ts'
import { countAccelerators, type FleetPod } from './read-pod.ts'

/** Keeps count of the pods of each deployment as they come and go. */
export type PodTallies = {
  /** One pod as it was, and as it is; null where it was not, or is no more. */
  move(before: FleetPod | null, after: FleetPod | null): void
  of(namespace: string, deployment: string): PodTally
  podsOf(namespace: string, deployment: string): readonly FleetPod[]
  /** Those that come next are others for these deployments. */
  touch(namespace: string, name: string): void
  /** The deployments whose pods are others since this was last asked. */
  takeMoved(): { namespace: string; name: string }[]
}

export function createPodTallies(): PodTallies {
  const tallies = new Map<string, PodTally>()
  const pods = new Map<string, Map<string, FleetPod>>()
  const moved = new Map<string, { namespace: string; name: string }>()

  const add = (pod: FleetPod | null, sign: 1 | -1) => {
    if (pod === null || pod.deployment === null) return
    const key = keyOf(pod.namespace, pod.deployment)
    const { heldGpus, running, runningGpus } = tallies.get(key) ?? none
    const gpus = countAccelerators(pod)
    const next: PodTally = {
      running: running + (pod.isRunning && pod.part !== 'helper' ? sign : 0),
      runningGpus: runningGpus + (pod.isRunning ? sign * gpus : 0),
      heldGpus: heldGpus + (pod.node === null ? 0 : sign * gpus),
    }
    if (next.running === 0 && next.heldGpus === 0 && next.runningGpus === 0) tallies.delete(key)
    else tallies.set(key, next)
    moved.set(key, { namespace: pod.namespace, name: pod.deployment })
  }

  const keep = (pod: FleetPod | null, isThere: boolean) => {
    if (pod === null || pod.deployment === null) return
    const key = keyOf(pod.namespace, pod.deployment)
    const known = pods.get(key) ?? new Map<string, FleetPod>()
    if (isThere) known.set(pod.name, pod)
    else known.delete(pod.name)
    if (known.size === 0) pods.delete(key)
    else pods.set(key, known)
  }

  return {
    move: (before, after) => {
      add(before, -1)
      add(after, 1)
      keep(before, false)
      keep(after, true)
    },
    podsOf: (namespace, deployment) => [
      ...(pods.get(keyOf(namespace, deployment))?.values() ?? []),
    ],
    touch: (namespace, name) => void moved.set(keyOf(namespace, name), { namespace, name }),
    of: (namespace, deployment) => tallies.get(keyOf(namespace, deployment)) ?? none,
    takeMoved: () => {
      const all = [...moved.values()]
      moved.clear()
      return all
    },
  }
}

const none: PodTally = { running: 0, runningGpus: 0, heldGpus: 0 }

function keyOf(namespace: string, deployment: string): string {
  return `${namespace}/${deployment}`
}
