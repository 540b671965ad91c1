import type { Deployment } from '@hub/shared'
import type { Tone } from '../../components/tone.ts'

export interface PhaseWords {
  words: string
  tone: Tone
}

type PhaseFacts = Pick<Deployment, 'phase' | 'replicas' | 'deletingSince'>

/**
 * What a deployment is doing, in words. The phase alone misleads: the controller says Running while replicas are
 * missing, and keeps saying it while a deletion is held up.
 */
export function describePhase({ phase, replicas, deletingSince }: PhaseFacts): PhaseWords {
  const { ready, desired } = replicas
  if (deletingSince !== null || phase === 'Terminating') {
    return { words: 'Deleting…', tone: 'busy' }
  }
  const surplus = countSurplus({ replicas })
  if (surplus !== null && (phase === 'Running' || phase === 'Deploying')) {
    return { words: `Scaling down, ${surplus} still running`, tone: 'busy' }
  }
  switch (phase) {
    case null:
      return { words: 'Waiting for the controller', tone: 'neutral' }
    case 'Pending':
      return { words: 'Pending', tone: 'busy' }
    case 'Deploying':
      return {
        words: ready > 0 ? `Deploying, ${ready} of ${desired} ready` : 'Deploying',
        tone: 'busy',
      }
    case 'Running':
      if (desired === 0) return { words: 'Scaled to 0', tone: 'neutral' }
      return ready < desired
        ? { words: `Running, ${ready} of ${desired} ready`, tone: 'warning' }
        : { words: 'Running', tone: 'good' }
    case 'Failed':
      return { words: 'Failed', tone: 'bad' }
    default:
      return { words: phase, tone: 'neutral' }
  }
}

/** The same of what was last known: nothing that is old is green. */
export function describeLastPhase(deployment: PhaseFacts): PhaseWords {
  return { words: `Last known: ${describePhase(deployment).words}`, tone: 'neutral' }
}

/** How many replicas run where fewer are asked for: pods tell it, whatever the controller wrote; null where none is too many. */
export function countSurplus({
  replicas: { desired, ready, running },
}: Pick<Deployment, 'replicas'>): number | null {
  const count = running ?? ready
  return count > desired ? count : null
}

/** "1 of 2 ready"; where more run than are asked for, both numbers. */
export function describeReplicas({ replicas }: Pick<Deployment, 'replicas'>): string {
  const surplus = countSurplus({ replicas })
  const { desired, ready } = replicas
  if (surplus !== null) return `${surplus} running, ${desired} asked for`
  return `${Math.min(ready, desired)} of ${desired} ready`
}

/** What to add where the cluster's own words leave the reader with a riddle; null where they do not. */
export function explainPhase(deployment: Deployment): string | null {
  const { phase, message, replicas, deletingSince, conditions } = deployment
  if (deletingSince !== null || phase === 'Terminating') {
    return 'The cluster is removing the deployment and everything that belongs to it. This page will say when it is gone.'
  }
  const surplus = countSurplus(deployment)
  if (surplus !== null && replicas.desired === 0) {
    return `No replicas are requested, but ${surplus} still ${surplus === 1 ? 'runs' : 'run'}. Most runtimes keep at least one: to free its GPUs, delete the deployment.`
  }
  if (phase === null) {
    return 'The cluster has stored the deployment, but its controller has not looked at it yet.'
  }
  if (phase === 'Pending' && (message === null || message === '')) {
    return 'Waiting for a runtime to pick it up. If this takes long, the runtime may be down on this instance.'
  }
  if (phase === 'Running' && replicas.ready < replicas.desired) {
    const missing = replicas.desired - replicas.ready
    const saysReady = conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
    const what = `${missing} ${missing === 1 ? 'replica is' : 'replicas are'} not ready`
    return saysReady ? `${what}, although the cluster reports the deployment as ready.` : `${what}.`
  }
  return null
}
