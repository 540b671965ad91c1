import type { InstanceState } from '@hub/shared'
import type { Tone } from './tone.ts'

const words: Record<InstanceState, { label: string; tone: Tone }> = {
  connecting: { label: 'Connecting', tone: 'busy' },
  ready: { label: 'Ready', tone: 'good' },
  degraded: { label: 'Degraded', tone: 'warning' },
  unreachable: { label: 'Unreachable', tone: 'bad' },
  unauthorized: { label: 'Credential refused', tone: 'bad' },
  'no-crd': { label: 'AI Runway not installed', tone: 'warning' },
  'no-credential': { label: 'No credential', tone: 'neutral' },
}

/** The words and the tone for the state of an instance. */
export function describeInstanceState(state: InstanceState): { label: string; tone: Tone } {
  return words[state]
}
