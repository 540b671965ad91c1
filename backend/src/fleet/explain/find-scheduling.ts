import { isAcceleratorLike } from '../extended-resources.ts'
import type { FleetPod } from '../read-pod.ts'
import type { ExplainFacts, Room, Trouble } from './facts.ts'
import { evidence, quote, quoteSentence } from './words.ts'

/** Why no node takes a pod: GPUs, a claim, or what else the scheduler says. */
export function findScheduling(pod: FleetPod, facts: ExplainFacts): Trouble {
  const { message, reason } = pod.detail!.unscheduled!
  const proof = [
    evidence(`Pod ${pod.name}`, 'status.conditions[PodScheduled]', `${reason}: ${message}`),
  ]
  if (/persistentvolumeclaim/i.test(message)) {
    return {
      state: 'volume-missing',
      why: `a volume is missing: ${quoteSentence(message)}`,
      evidence: proof,
      next: 'Create the volume claim, or look at why it is not bound. The pods continue by themselves.',
      pod,
    }
  }
  const [resource, count] = mostWanted(pod)
  if (resource !== null && isAboutGpus(message, resource)) {
    const room = facts.live.roomFor(resource)
    const taint = /untolerated taint \{?([^}:,]{1,253})/.exec(message)
    return {
      state: 'waiting-for-gpus',
      why: `${describeNeed(resource, count, room)}${taint ? ` Some nodes are kept for others (taint ${quote(taint[1]!)}).` : ''}`,
      evidence: proof,
      next: describeWayOut(resource, count, room),
      pod,
    }
  }
  return {
    state: 'waiting-for-node',
    why: `no node takes it: ${quoteSentence(message || reason)}`,
    evidence: proof,
    next:
      reason === 'SchedulingGated'
        ? 'Whatever holds it back, most often a queue, lets it go by itself.'
        : 'Ask for less memory or CPU, choose other nodes, or have room made. The scheduler tries again by itself.',
    pod,
  }
}

/** The accelerator of which it asks most. */
function mostWanted({ requests }: FleetPod): [string | null, number] {
  let most: [string | null, number] = [null, 0]
  for (const [resource, count] of Object.entries(requests)) {
    if (count > most[1] && isAcceleratorLike(resource)) most = [resource, count]
  }
  return most
}

/** Where a taint or a selector keeps it off the nodes that have some, the scheduler does not count these. */
function isAboutGpus(message: string, resource: string): boolean {
  const lacking = [...message.matchAll(/Insufficient ([^\s,]{1,317})/g)].map(([, name]) =>
    name!.replace(/\.$/, ''),
  )
  if (lacking.includes(resource)) return true
  return lacking.length === 0 && /untolerated taint/.test(message)
}

function describeNeed(resource: string, count: number, room: Room | null): string {
  const need = `it waits for GPUs: it needs ${count} of ${quote(resource)} on one node`
  return room === null ? `${need}.` : `${need}, and the largest free block is ${room.largestFree}.`
}

function describeWayOut(resource: string, count: number, room: Room | null): string {
  if (room === null) return 'It starts by itself once a node has so many free.'
  if (room.largestNode < count) {
    return room.largestNode === 0
      ? `No node here has any of ${quote(resource)}: deploy it to another instance, or add nodes.`
      : `No node here has ${count}: the largest has ${room.largestNode}. Ask for at most ${room.largestNode} per replica, or deploy it to another instance.`
  }
  return room.free >= count
    ? `${room.free} are free, but not together: it starts by itself once ${count - room.largestFree} more come free on one node.`
    : `It starts by itself once ${count - room.largestFree} more come free on one node: scale down or delete something, or add a node.`
}
