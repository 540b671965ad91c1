import type { FleetMap } from '@hub/shared'
import { writeCount } from '../../lib/count.ts'

/** "34 of 52 GPUs free · 2 need you": the fleet in one sentence. */
export function describeFleet(totals: FleetMap['totals'] | undefined, needs: number): string {
  const parts = [
    ...(totals ? [describeGpus(totals)] : []),
    needs === 0 ? 'nothing needs you' : `${needs} ${needs === 1 ? 'needs' : 'need'} you`,
  ]
  return parts.join(' · ')
}

function describeGpus({ total, free, unknown }: FleetMap['totals']): string {
  if (total === 0) return 'No GPUs'
  const known = total - unknown
  if (known === 0) return `${writeCount(total)} GPUs, free unknown`
  const words = `${writeCount(free)} of ${writeCount(known)} GPUs free`
  return unknown === 0 ? words : `${words}, ${writeCount(unknown)} unknown`
}
