import type { AccessRequest, AccessRequestState } from '@hub/shared'
import { IconClock } from '@tabler/icons-react'
import type { ComponentType } from 'react'
import type { Tone } from '../../components/tone.ts'
import { describeMinutes } from '../../lib/time.ts'

const hour = 60
const day = 24 * hour

/** For how long a role may be asked for. */
const lengths = [hour, 4 * hour, 8 * hour, day, 3 * day, 7 * day, 14 * day, 30 * day, 90 * day]

export const lengthDefault = 8 * hour

/** Lengths to choose from: all, or those up to what was asked for, the longest of which is that. */
export function lengthChoices(asked?: number): { value: string; label: string }[] {
  const offered =
    asked === undefined ? lengths : [...lengths.filter((minutes) => minutes < asked), asked]
  return offered.map((minutes) => ({ value: String(minutes), label: describeMinutes(minutes) }))
}

interface StateWords {
  label: string
  tone: Tone
  icon?: ComponentType<{ size?: number | string }>
}

const states: Record<AccessRequestState, StateWords> = {
  waiting: { label: 'Waiting', tone: 'busy', icon: IconClock },
  approved: { label: 'Approved', tone: 'good' },
  ended: { label: 'Over', tone: 'neutral' },
  refused: { label: 'Refused', tone: 'bad' },
  withdrawn: { label: 'Withdrawn', tone: 'neutral' },
}

/** An approved one is over by the reader's own clock, before the hub says so again. */
export function describeState(
  { endsAt, state }: Pick<AccessRequest, 'endsAt' | 'state'>,
  now: number,
): StateWords {
  const isOver = state === 'approved' && endsAt !== null && Date.parse(endsAt) <= now
  return states[isOver ? 'ended' : state]
}
