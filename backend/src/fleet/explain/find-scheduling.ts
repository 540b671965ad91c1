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
  if (reason === 'SchedulingGated') {
    const by = pod.detail!.gates.map((gate) => quote(gate, 100)).join(', ')
    return {
      state: 'waiting-for-node',
      why: `it is held back before a node is looked for${by === '' ? '' : `, by ${by}`}.`,
      evidence: proof,
      next: 'Whatever holds it back, most often a queue, lets it go by itself.',
      pod,
    }
  }
  if (/persistentvolumeclaim/i.test(message)) {
    return {
      state: 'volume-missing',
      why: `a volume is missing: ${quoteSentence(message)}`,
      evidence: proof,
      next: 'Create the volume claim, or look at why it is not bound. The pods continue by themselves.',
      pod,
    }
  }
  if (/cannot allocate all claims/.test(message)) {
    return {
      state: 'waiting-for-gpus',
      why: `it waits for devices, which no node has as its resource claims ask for them: ${quoteSentence(message)}`,
      evidence: proof,
      next: 'It starts by itself once such devices come free: scale down or delete something, or look at what its resource claims ask for.',
      pod,
    }
  }
  const [resource, count] = mostWanted(pod)
  const room = resource === null ? null : facts.live.roomFor(resource)
  if (resource !== null && isAboutGpus(message, { resource, count, room })) {
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
    next: 'Ask for less memory or CPU, choose other nodes, or have room made. The scheduler tries again by itself.',
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

/**
 * The scheduler says of each node what it looked at first: where one has enough free, what else it says keeps the pod off
 * that node. Of nodes that a taint keeps for others it does not say whether they have some.
 */
function isAboutGpus(
  message: string,
  { count, resource, room }: { resource: string; count: number; room: Room | null },
): boolean {
  const reasons = listReasons(message)
  const isLack = (reason: string) => reason === `Insufficient ${resource}`
  const isTaint = (reason: string) => reason.includes('untolerated taint')
  if (reasons.every(isTaint)) return reasons.length > 0
  if (!reasons.some(isLack)) return false
  const isFree = room !== null && room.largestFree >= count
  return !isFree || reasons.every((reason) => isLack(reason) || isTaint(reason))
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {a: b}. preemption: …`. */
function listReasons(message: string): string[] {
  const [, list = ''] = /nodes are available: (.*?)\.?(?:\. |$)/.exec(message) ?? []
  return list.split(', ').flatMap((each) => each.replace(/^\d+ /, '') || [])
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
  if (room.largestFree >= count) {
    return `${room.largestFree} are free on one node by now: it starts by itself once the scheduler tries again.`
  }
  return room.free >= count
    ? `${room.free} are free, but not together: it starts by itself once ${count - room.largestFree} more come free on one node.`
    : `It starts by itself once ${count - room.largestFree} more come free on one node: scale down or delete something, or add a node.`
}
