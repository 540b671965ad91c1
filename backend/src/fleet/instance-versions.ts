import type { FleetChangeBody } from './change-log.ts'

/** When what is deployed on each instance was last another, as numbers that grow. */
export type Versions = {
  follow(change: FleetChangeBody): void
  touch(instance: string): void
  /** Larger than before where any of these changed, or where there are others than there were. */
  of(instances: readonly string[]): number
  /** Larger than before where any instance changed. */
  latest(): number
}

export function createVersions(): Versions {
  const versions = new Map<string, number>()
  let latest = 0
  /** When there was last one less. */
  let removedAt = 0
  const touch = (instance: string) => void versions.set(instance, (latest += 1))
  return {
    touch,
    follow: (change) => {
      if (change.type === 'instance-removed') {
        versions.delete(change.id)
        removedAt = latest += 1
      } else touch(instanceOf(change))
    },
    of: (instances) => {
      let newest = removedAt
      for (const id of instances) newest = Math.max(newest, versions.get(id) ?? 0)
      return newest
    },
    latest: () => latest,
  }
}

function instanceOf(change: Exclude<FleetChangeBody, { type: 'instance-removed' }>): string {
  if (change.type === 'upsert') return change.deployment.instance
  return change.type === 'instance' ? change.id : change.instance
}
