import {
  matchDeployments,
  statusOfDeployment,
  type Deployment,
  type DeploymentList,
  type StreamEvent,
} from '@hub/shared'
import type { DeploymentFilter } from './list-filter.ts'

/** A deployment and whether it has been deleted since it was read; then it is as it was last seen. */
export interface DeploymentView {
  deployment: Deployment
  gone: boolean
}

/** Moves the rows of a list where they are; which rows it has, in which order, and the counts are the hub's to say. */
export function moveDeployments(
  list: DeploymentList,
  events: readonly StreamEvent[],
): DeploymentList {
  const byKey = new Map(list.items.map((deployment) => [keyOf(deployment), deployment]))
  let moved = false
  for (const event of events) {
    if (event.type === 'deployment') {
      const key = keyOf(event.deployment)
      if (!byKey.has(key)) continue
      byKey.set(key, event.deployment)
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

/** Whether events may change which rows a list has, their order, or how many there are of what. */
export function isListOutdated(filter: DeploymentFilter) {
  const { isCounted } = matchDeployments(filter)
  const isElsewhere = (instance: string) =>
    filter.instance !== undefined && filter.instance !== instance

  return (list: DeploymentList, events: readonly StreamEvent[]): boolean => {
    const byKey = new Map(list.items.map((deployment) => [keyOf(deployment), deployment]))
    // What it counts is in it.
    const isWhole = list.next === null && filter.status === undefined
    return events.some((event) => {
      switch (event.type) {
        case 'deployment': {
          const { deployment } = event
          if (isElsewhere(deployment.instance)) return false
          const known = byKey.get(keyOf(deployment))
          if (!known) return event.isInPlace !== true && (!isWhole || isCounted(deployment))
          return (
            isCounted(known) !== isCounted(deployment) || isCountedAnew(known, deployment, filter)
          )
        }
        case 'deployment-removed': {
          if (isElsewhere(event.instance)) return false
          const known = byKey.get(keyOf(event))
          return known ? known.uid === event.uid : !isWhole
        }
        case 'instance-removed':
          return !isElsewhere(event.id)
        case 'instance': {
          const { id, isCurrent } = event.instance
          // Whether its rows are as they are, or as they were.
          return (
            !isElsewhere(id) && isCurrent === list.partial.some(({ instance }) => instance === id)
          )
        }
        default:
          return false
      }
    })
  }
}

function isCountedAnew(before: Deployment, after: Deployment, filter: DeploymentFilter): boolean {
  return (
    before.uid !== after.uid ||
    statusOfDeployment(before) !== statusOfDeployment(after) ||
    (filter.sort?.endsWith('phase') === true && before.phase !== after.phase)
  )
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
