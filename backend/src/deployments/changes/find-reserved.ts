import { toPointer, type FieldError } from '@hub/shared'
import { apiGroups } from '#kube'

type Marks = Record<string, string | null>

/** Who writes under a domain, and under what lies below it: Kubernetes, its tools, AI Runway, the hub. */
const domains = ['kubernetes.io', 'k8s.io', ...apiGroups]

/**
 * Labels and annotations that are not for people to set, unless to what they are already. Pointers begin at the metadata.
 */
export function findReserved(
  given: { labels?: Marks | null | undefined; annotations?: Marks | null | undefined },
  present: { labels: Marks; annotations: Marks } = { labels: {}, annotations: {} },
): FieldError[] {
  return (['labels', 'annotations'] as const).flatMap((kind) =>
    Object.entries(given[kind] ?? {})
      .filter(([key, value]) => isReserved(key) && value !== (present[kind][key] ?? null))
      .map(([key]) => ({
        pointer: toPointer([kind, key]),
        detail: `is for ${ownerOf(key)} to set. Leave it out, or use a name of your own, such as example.com/${nameOf(key)}.`,
      })),
  )
}

export function isReserved(key: string): boolean {
  const [domain, name] = key.split('/', 2) as [string, string?]
  if (name === undefined) return false
  return domains.some((each) => domain === each || domain.endsWith(`.${each}`))
}

function ownerOf(key: string): string {
  const [domain = ''] = key.split('/', 1)
  const isRunway = apiGroups.some((group) => domain === group || domain.endsWith(`.${group}`))
  return isRunway ? 'AI Runway and the hub' : 'Kubernetes and its tools'
}

function nameOf(key: string): string {
  return key.split('/', 2)[1] ?? key
}
