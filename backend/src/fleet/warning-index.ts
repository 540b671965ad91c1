import type { WarningFacts } from './read-warning.ts'

/** Warnings by what they are about. */
export type WarningIndex = {
  move(before: WarningFacts | null, after: WarningFacts | null): void
  of(kind: string, namespace: string, name: string): readonly WarningFacts[]
  /** About what a deployment's own Deployments, StatefulSets and Jobs make. */
  ofOwner(namespace: string, deployment: string): readonly WarningFacts[]
}

/** What runtimes add to a deployment's name for what they make of it. */
const suffixes = [
  '',
  '-decode',
  '-prefill',
  '-frontend',
  '-vllmworker',
  '-vllmprefillworker',
  '-vllmdecodeworker',
  '-model-download',
]

export function createWarningIndex(): WarningIndex {
  const byObject = new Map<string, Set<WarningFacts>>()
  const byOwner = new Map<string, Set<WarningFacts>>()
  const change = (warning: WarningFacts | null, isThere: boolean) => {
    if (warning === null) return
    const { about, namespace } = warning
    put(byObject, `${about.kind} ${namespace}/${about.name}`, warning, isThere)
    for (const owner of ownersOf(about)) put(byOwner, `${namespace}/${owner}`, warning, isThere)
  }
  return {
    move: (before, after) => {
      change(before, false)
      change(after, true)
    },
    of: (kind, namespace, name) => [...(byObject.get(`${kind} ${namespace}/${name}`) ?? [])],
    ofOwner: (namespace, deployment) =>
      byOwner.size === 0
        ? []
        : suffixes.flatMap((suffix) => [
            ...(byOwner.get(`${namespace}/${deployment}${suffix}`) ?? []),
          ]),
  }
}

/** The deployments that a warning may be about. */
export function deploymentsOf({ about }: WarningFacts): string[] {
  return ownersOf(about).flatMap((owner) =>
    suffixes
      .filter((suffix) => owner.endsWith(suffix))
      .map((suffix) => owner.slice(0, owner.length - suffix.length)),
  )
}

/** A ReplicaSet is named after its Deployment; pods and claims are known by other ways. */
function ownersOf({ kind, name }: WarningFacts['about']): string[] {
  if (kind === 'StatefulSet' || kind === 'Job') return [name]
  if (kind !== 'ReplicaSet') return []
  const owner = name.slice(0, Math.max(0, name.lastIndexOf('-')))
  // Dynamo gives each version of its workers a Deployment of its own, which ends with the version.
  const unversioned = owner.replace(/-[0-9a-f]{8}$/, '')
  return unversioned === owner ? [owner] : [owner, unversioned]
}

function put(
  map: Map<string, Set<WarningFacts>>,
  key: string,
  warning: WarningFacts,
  isThere: boolean,
): void {
  const known = map.get(key) ?? new Set<WarningFacts>()
  if (isThere) known.add(warning)
  else known.delete(warning)
  if (known.size === 0) map.delete(key)
  else map.set(key, known)
}
