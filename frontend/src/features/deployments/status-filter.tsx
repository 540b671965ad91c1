import { deploymentStatuses, type DeploymentList, type DeploymentStatusFilter } from '@hub/shared'
import { useId } from 'react'
import type { Tone } from '../../components/tone.ts'
import { ToneIcon } from '../../components/tone-icon.tsx'
import classes from './deployment-list.module.css'

type Counts = DeploymentList['counts']

const groups: Record<DeploymentStatusFilter, { words: string; tone: Tone }> = {
  running: { words: 'Running', tone: 'good' },
  starting: { words: 'Starting', tone: 'neutral' },
  attention: { words: 'Needs attention', tone: 'bad' },
  deleting: { words: 'Deleting', tone: 'neutral' },
}

/** All deployments or those of one status, with how many there are of each. */
export function StatusFilter({
  counts,
  status,
  onChange,
}: {
  counts: Counts | undefined
  status: DeploymentStatusFilter | null
  onChange: (status: DeploymentStatusFilter | null) => void
}) {
  const name = useId()
  const shown = deploymentStatuses.filter((each) => each === status || (counts?.[each] ?? 0) > 0)
  const all = counts === undefined ? '' : ` ${sumCounts(counts)}`
  return (
    <fieldset className={classes.statuses} aria-label="Status">
      <label className={classes.status}>
        <input type="radio" name={name} checked={status === null} onChange={() => onChange(null)} />
        {`All${all}`}
      </label>
      {shown.map((each) => (
        <label key={each} className={classes.status}>
          <input
            type="radio"
            name={name}
            checked={status === each}
            onChange={() => onChange(each)}
          />
          <ToneIcon tone={groups[each].tone} size={14} />
          {counts === undefined ? groups[each].words : `${groups[each].words} ${counts[each]}`}
        </label>
      ))}
    </fieldset>
  )
}

/** How many there are of any status. */
export function sumCounts(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
