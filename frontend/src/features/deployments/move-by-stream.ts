import type { Deployment, DeploymentList, StreamEvent } from '@hub/shared'

/** A deployment and whether it has been deleted since it was read; then it is as it was last seen. */
export interface DeploymentView {
  deployment: Deployment
  gone: boolean
}

/** Moves a list of all deployments, or of one instance's. */
export function moveDeployments(instance?: string) {
  return (list: DeploymentList, events: readonly StreamEvent[]): DeploymentList => {
    const byKey = new Map(list.items.map((deployment) => [keyOf(deployment), deployment]))
    let moved = false
    for (const event of events) {
      if (event.type === 'deployment') {
        if (instance !== undefined && event.deployment.instance !== instance) continue
        byKey.set(keyOf(event.deployment), event.deployment)
        moved = true
      } else if (event.type === 'deployment-removed') {
        // Another uid is a new deployment that took the name.
        if (byKey.get(keyOf(event))?.uid !== event.uid) continue
        byKey.delete(keyOf(event))
        moved = true
      } else if (event.type === 'instance-removed') {
        for (const [key, deployment] of byKey) {
          if (deployment.instance === event.id) moved = byKey.delete(key) || moved
        }
      }
    }
    return moved ? { ...list, items: [...byKey.values()] } : list
  }
}

export function moveDeployment(
  view: DeploymentView,
  events: readonly StreamEvent[],
): DeploymentView {
  return events.reduce((current, event) => {
    if (event.type === 'deployment' && keyOf(event.deployment) === keyOf(current.deployment)) {
      return { deployment: event.deployment, gone: false }
    }
    if (event.type === 'deployment-removed' && event.uid === current.deployment.uid) {
      return { ...current, gone: true }
    }
    return current
  }, view)
}

function keyOf(at: { instance: string; namespace: string; name: string }): string {
  return `${at.instance}/${at.namespace}/${at.name}`
}
