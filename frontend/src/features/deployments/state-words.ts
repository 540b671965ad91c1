import type { Deployment, DeploymentState } from '@hub/shared'
import type { Tone } from '../../components/tone.ts'
import { countSurplus } from './replicas.ts'

export interface StateWords {
  words: string
  tone: Tone
}

type StateFacts = Pick<Deployment, 'state' | 'replicas'>

const states: Record<DeploymentState, StateWords> = {
  running: { words: 'Running', tone: 'good' },
  'partly-running': { words: 'Partly running', tone: 'warning' },
  starting: { words: 'Starting', tone: 'busy' },
  'downloading-model': { words: 'Downloading the model', tone: 'busy' },
  'waiting-for-gpus': { words: 'Waiting for GPUs', tone: 'warning' },
  'waiting-for-node': { words: 'Waiting for a node', tone: 'warning' },
  'quota-used-up': { words: 'Quota used up', tone: 'warning' },
  'image-not-pulled': { words: 'Image not pulled', tone: 'bad' },
  crashing: { words: 'Crashing', tone: 'bad' },
  'secret-missing': { words: 'Secret missing', tone: 'bad' },
  'volume-missing': { words: 'Volume missing', tone: 'bad' },
  'not-reconciled': { words: 'Controller silent', tone: 'bad' },
  'runtime-missing': { words: 'Runtime not installed', tone: 'bad' },
  'runtime-not-ready': { words: 'Runtime not ready', tone: 'warning' },
  'change-not-seen': { words: 'Change not seen yet', tone: 'busy' },
  'update-blocked': { words: 'Update blocked', tone: 'bad' },
  paused: { words: 'Paused', tone: 'neutral' },
  failed: { words: 'Failed', tone: 'bad' },
  deleting: { words: 'Deleting', tone: 'busy' },
  'deletion-held': { words: 'Deletion held up', tone: 'warning' },
  unknown: { words: 'Unknown', tone: 'neutral' },
}

/** How a deployment is, in a word or two; with how many replicas where that is the matter. */
export function describeState({ state, replicas }: StateFacts): StateWords {
  const { words, tone } = states[state]
  const { desired, ready } = replicas
  const surplus = state === 'running' ? countSurplus({ replicas }) : null
  if (surplus !== null) return { words: `Scaling down, ${surplus} still running`, tone: 'busy' }
  if (state === 'partly-running') {
    return { words: `${words}, ${Math.min(ready, desired)} of ${desired}`, tone }
  }
  // Nothing that is asked for is nothing green.
  if (state === 'running' && desired === 0) return { words: 'Scaled to 0', tone: 'neutral' }
  return { words, tone }
}

/** The same of what was last known: nothing that is old is green. */
export function describeLastState(deployment: StateFacts): StateWords {
  return { words: `Last known: ${describeState(deployment).words}`, tone: 'neutral' }
}
