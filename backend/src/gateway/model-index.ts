import type { Fleet, FleetDeployment } from '#fleet'
import { keyOf, namesOf } from '#serving'

/** The deployments of all instances by the names that models are asked for by. */
export type ModelIndex = {
  /** By served name or model id. */
  named(name: string): Iterable<FleetDeployment>
  /** By `<instance>/<namespace>/<deployment>`. */
  get(key: string): FleetDeployment | null
  all(): Iterable<FleetDeployment>
}

/** Follows the fleet for as long as this lasts, so that finding a model costs a look-up whatever the fleet's size. */
export function createModelIndex(fleet: Pick<Fleet, 'list' | 'subscribe'>): ModelIndex {
  const byKey = new Map<string, FleetDeployment>()
  const byName = new Map<string, Map<string, FleetDeployment>>()

  const remove = (key: string) => {
    const known = byKey.get(key)
    if (!known) return
    byKey.delete(key)
    for (const name of namesOf(known)) {
      const group = byName.get(name)
      group?.delete(key)
      if (group?.size === 0) byName.delete(name)
    }
  }
  const put = (deployment: FleetDeployment) => {
    const key = keyOf(deployment)
    remove(key)
    byKey.set(key, deployment)
    for (const name of namesOf(deployment)) {
      const group = byName.get(name) ?? new Map<string, FleetDeployment>()
      group.set(key, deployment)
      byName.set(name, group)
    }
  }
  const removeInstance = (instance: string) => {
    for (const [key, deployment] of byKey) if (deployment.instance === instance) remove(key)
  }

  for (const deployment of fleet.list()) put(deployment)
  fleet.subscribe((change) => {
    switch (change.type) {
      case 'upsert':
        return put(change.deployment)
      case 'remove':
        return remove(keyOf(change))
      case 'instance-removed':
        return removeInstance(change.id)
      case 'reset':
        removeInstance(change.instance)
        for (const deployment of fleet.list({ instance: change.instance })) put(deployment)
        return undefined
      case 'instance':
        return undefined
    }
  })
  return {
    named: (name) => byName.get(name)?.values() ?? [],
    get: (key) => byKey.get(key) ?? null,
    all: () => byKey.values(),
  }
}
