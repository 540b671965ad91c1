import type { Tone } from './tone.ts'

const outcomes: Record<string, { label: string; tone: Tone }> = {
  success: { label: 'Done', tone: 'good' },
  failure: { label: 'Failed', tone: 'bad' },
  unknown: { label: 'Not known', tone: 'warning' },
  denied: { label: 'Denied', tone: 'warning' },
  attempt: { label: 'Attempt', tone: 'neutral' },
}

export function describeOutcome(outcome: string): { label: string; tone: Tone } {
  return outcomes[outcome] ?? { label: outcome, tone: 'neutral' }
}
