import type { DeploymentList } from '@hub/shared'
import { Notice } from '../../components/notice.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'

type Partial = DeploymentList['partial']

interface PartialNoticeProps {
  partial: Partial
  /** What the page says already: it is not said twice. */
  knownReason: string | null
}

/** Which instances a list lacks, or has as they were last known, and why. */
export function PartialNotice({ partial, knownReason }: PartialNoticeProps) {
  const old = partial.filter(({ asOf }) => asOf !== undefined)
  const missing = partial.filter(({ asOf }) => asOf === undefined)
  return (
    <>
      {missing.length > 0 && (
        <Notice tone="warning" title="This list is incomplete">
          <Reasons
            partial={missing}
            knownReason={knownReason}
            known="The instance could not be read, for the reason above."
            words={`${countInstances(missing)} could not be read:`}
          />
        </Notice>
      )}
      {old.length > 0 && (
        <Notice tone="neutral" title="Some of this is as it was last known">
          <Reasons
            partial={old}
            knownReason={knownReason}
            known="The instance is not heard of, for the reason above."
            words={`${countInstances(old)} ${old.length === 1 ? 'is' : 'are'} not heard of:`}
          />
        </Notice>
      )}
    </>
  )
}

function Reasons({
  partial,
  knownReason,
  known,
  words,
}: PartialNoticeProps & {
  known: string
  words: string
}) {
  const [first] = partial
  if (partial.length === 1 && first?.reason === knownReason) {
    return (
      <p>
        {known} <AsOf at={first.asOf} />
      </p>
    )
  }
  return (
    <>
      <p>{words}</p>
      <ul>
        {partial.map(({ instance, reason, asOf }) => (
          <li key={instance}>
            <strong>{instance}</strong>: {reason} <AsOf at={asOf} />
          </li>
        ))}
      </ul>
    </>
  )
}

function AsOf({ at }: { at: string | undefined }) {
  if (at === undefined) return null
  return (
    <>
      Last heard <RelativeTime at={at} />.
    </>
  )
}

function countInstances({ length }: readonly unknown[]): string {
  return length === 1 ? 'One instance' : `${length} instances`
}
