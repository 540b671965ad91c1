import type { FleetChangeBody } from './change-log.ts'

/** When what is deployed on each instance was last another, as numbers that grow. */
export type Versions = {
  follow(change: FleetChangeBody): void
  touch(instance: string): void
  /** What is known of deployments there, to its last word. */
  contents: Version
  /** Which deployments there are, where each is in a list, and how it counts. */
  places: Version
}

type Version = {
  /** Larger than before where any of these changed, or where there are others than there were. */
  of(instances: readonly string[]): number
  /** Larger than before where any instance changed. */
  latest(): number
}

export function createVersions(): Versions {
  const contents = createVersion()
  const places = createVersion()
  const touch = (instance: string) => {
    contents.touch(instance)
    places.touch(instance)
  }
  return {
    contents,
    places,
    touch,
    follow: (change) => {
      if (change.type === 'instance-removed') {
        contents.remove(change.id)
        places.remove(change.id)
      } else if (change.type === 'upsert' && change.isInPlace) contents.touch(instanceOf(change))
      else touch(instanceOf(change))
    },
  }
}

function createVersion() {
  const versions = new Map<string, number>()
  let latest = 0
  /** When there was last one less. */
  let removedAt = 0
  return {
    touch: (instance: string) => void versions.set(instance, (latest += 1)),
    remove: (instance: string) => {
      versions.delete(instance)
      removedAt = latest += 1
    },
    of: (instances: readonly string[]) => {
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
