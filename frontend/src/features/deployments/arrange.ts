import type { Deployment } from '@hub/shared'
import { describePhase, phaseGroups, type PhaseGroup } from './phase.ts'

export const sortKeys = ['name', 'instance', 'namespace', 'status', 'created'] as const
export type SortKey = (typeof sortKeys)[number]

export interface Arrangement {
  /** Every word has to occur somewhere in a row. */
  text: string
  group: PhaseGroup | null
  sort: SortKey
  descending: boolean
}

/** Which deployments a list shows, and in which order. */
export function arrangeDeployments(
  deployments: readonly Deployment[],
  { text, group, sort, descending }: Arrangement,
): Deployment[] {
  const direction = descending ? -1 : 1
  return filterByText(deployments, text)
    .filter((deployment) => group === null || describePhase(deployment).group === group)
    .toSorted(
      (a, b) =>
        direction * compare(a, b, sort) ||
        compare(a, b, 'instance') ||
        compare(a, b, 'namespace') ||
        compare(a, b, 'name'),
    )
}

export function filterByText(deployments: readonly Deployment[], text: string): Deployment[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return [...deployments]
  return deployments.filter((deployment) => {
    const row = searchableText(deployment)
    return words.every((word) => row.includes(word))
  })
}

export function countByGroup(deployments: readonly Deployment[]): Record<PhaseGroup, number> {
  const counts = { running: 0, starting: 0, failed: 0, deleting: 0 }
  for (const deployment of deployments) {
    const { group } = describePhase(deployment)
    if (group) counts[group] += 1
  }
  return counts
}

function searchableText(deployment: Deployment): string {
  const { name, namespace, instance, engine, runtime, model, createdBy } = deployment
  return [
    name,
    namespace,
    instance,
    engine,
    runtime,
    model.id,
    createdBy,
    describePhase(deployment).words,
  ]
    .join(' ')
    .toLowerCase()
}

// What needs a person comes first.
const urgency = ['bad', 'warning', 'busy', 'neutral', 'good']

function compare(a: Deployment, b: Deployment, key: SortKey): number {
  switch (key) {
    case 'name':
    case 'instance':
    case 'namespace':
      return a[key].localeCompare(b[key])
    case 'created':
      return a.createdAt.localeCompare(b.createdAt)
    case 'status':
      return urgency.indexOf(describePhase(a).tone) - urgency.indexOf(describePhase(b).tone)
  }
}

export function isPhaseGroup(value: unknown): value is PhaseGroup {
  return phaseGroups.some((group) => group === value)
}
