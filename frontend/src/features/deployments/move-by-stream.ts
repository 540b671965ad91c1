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
export function moveDeployments<List extends DeploymentList>(
  list: List,
  events: readonly StreamEvent[],
): List {
  const places = placesOf(list.items)
  const items: (Deployment | null)[] = [...list.items]
  const knownAt = (at: Coordinates) => {
    const place = places.get(keyOf(at))
    return place !== undefined && items[place] ? place : null
  }
  let moved = false
  for (const event of events) {
    if (event.type === 'deployment') {
      const place = knownAt(event.deployment)
      if (place === null) continue
      items[place] = event.deployment
      moved = true
    } else if (event.type === 'deployment-removed') {
      const place = knownAt(event)
      // Another uid is a new deployment that took the name.
      if (place === null || items[place]?.uid !== event.uid) continue
      items[place] = null
      moved = true
    } else if (event.type === 'instance-removed') {
      for (const [place, deployment] of items.entries()) {
        if (deployment?.instance !== event.id) continue
        items[place] = null
        moved = true
      }
    }
  }
  return moved ? { ...list, items: items.filter((deployment) => deployment !== null) } : list
}

/** Whether events may change which rows a list has, their order, or how many there are of what. */
export function isListOutdated(filter: DeploymentFilter) {
  const { isCounted } = matchDeployments(filter)
  const isElsewhere = (instance: string) =>
    filter.instance !== undefined && filter.instance !== instance

  return (list: DeploymentList, events: readonly StreamEvent[]): boolean => {
    const places = placesOf(list.items)
    const find = (at: Coordinates) => list.items[places.get(keyOf(at)) ?? -1]
    // What it counts is in it.
    const isWhole =
      list.next === null && list.items.length === list.total && filter.status === undefined
    return events.some((event) => {
      switch (event.type) {
        case 'deployment': {
          const { deployment } = event
          if (isElsewhere(deployment.instance)) return false
          const known = find(deployment)
          if (!known) return event.isInPlace !== true && (!isWhole || isCounted(deployment))
          return (
            isCounted(known) !== isCounted(deployment) || isCountedAnew(known, deployment, filter)
          )
        }
        case 'deployment-removed': {
          if (isElsewhere(event.instance)) return false
          const known = find(event)
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

type Coordinates = Pick<Deployment, 'instance' | 'namespace' | 'name'>

/** Where the rows of a list are, by what events call them; a list that moved is another. */
const places = new WeakMap<readonly Deployment[], ReadonlyMap<string, number>>()

function placesOf(items: readonly Deployment[]): ReadonlyMap<string, number> {
  const known = places.get(items)
  if (known) return known
  const found = new Map(items.map((deployment, place) => [keyOf(deployment), place]))
  places.set(items, found)
  return found
}

function keyOf(at: Coordinates): string {
  return `${at.instance}/${at.namespace}/${at.name}`
}
