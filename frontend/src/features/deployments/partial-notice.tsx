import { CloseButton } from '@mantine/core'
import type { DeploymentList } from '@hub/shared'
import { ToneIcon } from '../../components/tone-icon.tsx'
import { useStored } from '../../components/use-stored.ts'
import { describePartial } from './partial-words.ts'
import classes from './deployment-list.module.css'

/** Which instances a list lacks, or has as they were last known, and why: a line that stays away until it is another. */
export function PartialNotice({
  partial,
  knownReason,
}: {
  partial: DeploymentList['partial']
  knownReason: string | null
}) {
  const [dismissed, dismiss] = useStored('hub-dismissed-partial', readDismissed)
  return describePartial(partial, knownReason)
    .filter(({ key }) => !dismissed.includes(key))
    .map(({ key, tone, words }) => (
      <div key={key} className={classes.partial}>
        <span className={classes.partialIcon}>
          <ToneIcon tone={tone} size={16} />
        </span>
        <p>{words}</p>
        <CloseButton
          size="sm"
          aria-label="Dismiss"
          onClick={() => dismiss([...dismissed, key].slice(-dismissedMax))}
        />
      </div>
    ))
}

const dismissedMax = 20

function readDismissed(stored: unknown): readonly string[] {
  return Array.isArray(stored) ? stored.filter((key) => typeof key === 'string') : []
}
