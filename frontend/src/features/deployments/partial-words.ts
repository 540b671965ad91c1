import type { DeploymentList } from '@hub/shared'

type Partial = DeploymentList['partial']

/** A line about instances that a list lacks, or has as they were last known. */
export interface PartialLine {
  /** Another where something else is to say. */
  key: string
  tone: 'warning' | 'neutral'
  words: string
}

const namedMax = 3

/** `knownReason` is what the page says already of its one instance: it is not said twice. */
export function describePartial(partial: Partial, knownReason: string | null): PartialLine[] {
  const missing = partial.filter(({ asOf }) => asOf === undefined)
  const old = partial.filter(({ asOf }) => asOf !== undefined)
  return [
    ...describe(missing, knownReason, ['cannot be read', 'cannot be read'], 'warning'),
    ...describe(old, knownReason, ['is as last known', 'are as last known'], 'neutral'),
  ]
}

function describe(
  partial: Partial,
  knownReason: string | null,
  [one, several]: readonly [string, string],
  tone: PartialLine['tone'],
): PartialLine[] {
  const [first] = partial
  if (!first) return []
  const isKnown = partial.length === 1 && first.reason === knownReason
  const verb = partial.length === 1 ? one : several
  const counted = `${partial.length} ${partial.length === 1 ? 'instance' : 'instances'} ${verb}`
  const named = partial
    .slice(0, namedMax)
    .map(({ instance, reason }) => `${instance} · ${firstSentence(reason)}`)
  const more = partial.length - named.length
  const rest = more > 0 ? [`and ${more} more`] : []
  return [
    {
      key: JSON.stringify([tone, ...partial.map(({ instance, reason }) => [instance, reason])]),
      tone,
      words: isKnown
        ? `The instance ${one}, for the reason above.`
        : `${counted}: ${[...named, ...rest].join(', ')}.`,
    },
  ]
}

/** What to do about it stands on the instance's own page. */
function firstSentence(text: string): string {
  return (/^.*?(?=\.(\s|$))/s.exec(text) ?? [text])[0]
}
