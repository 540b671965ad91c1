import type { Credential } from '@hub/shared'
import { describeInstanceState } from '../../components/instance-words.ts'
import type { Tone } from '../../components/tone.ts'

const dayMs = 86_400_000
const soonDays = 14

const states: Record<Credential['state'], { label: string; tone: Tone }> = {
  accepted: { label: 'Accepted', tone: 'good' },
  rejected: { label: 'Rejected', tone: 'bad' },
  resting: { label: 'On hold', tone: 'warning' },
}

/** What became of the file itself, however the cluster does. */
export function stateOfFile({ state }: Pick<Credential, 'state'>): { label: string; tone: Tone } {
  return states[state]
}

/** An accepted credential is as well as the cluster that it leads to: one that nobody can reach is nothing green. */
export function describeCredentialState({
  cluster,
  state,
}: Pick<Credential, 'cluster' | 'state'>): { label: string; tone: Tone } {
  if (state !== 'accepted' || cluster === null || cluster.state === 'ready') return states[state]
  const { label, tone } = describeInstanceState(cluster.state)
  return { label: `${states.accepted.label}; ${lower(label)}`, tone }
}

/** Not what begins with a name in capitals. */
function lower(label: string): string {
  return label.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())
}

/** When a credential ends, in days. */
export function describeExpiry(
  expiresAt: string | null,
  now: number,
): { words: string; tone: Tone } {
  if (expiresAt === null) return { words: 'no expiry known', tone: 'neutral' }
  const days = Math.floor((Date.parse(expiresAt) - now) / dayMs)
  if (Date.parse(expiresAt) <= now) return { words: 'has expired', tone: 'bad' }
  const words = days === 0 ? 'in less than a day' : `in ${days} ${days === 1 ? 'day' : 'days'}`
  return { words, tone: days < soonDays ? 'warning' : 'good' }
}
