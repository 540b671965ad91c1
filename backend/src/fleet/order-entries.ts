import { statusOfDeployment, type deploymentSorts, type DeploymentStatusFilter } from '@hub/shared'
import type { FleetDeployment } from './read-deployment.ts'

/** What deployments are ordered by; those in which it is equal by instance, namespace and name. */
export type OrderField = (typeof deploymentSorts)[number]

type Place = Pick<FleetDeployment, 'instance' | 'namespace' | 'name'>

/** Longer values are ordered by their beginning, so that a cursor stays short. */
const primaryLengthMax = 64

/** Trouble first. */
const statusOrder: Record<DeploymentStatusFilter, string> = {
  attention: '0',
  starting: '1',
  deleting: '2',
  running: '3',
}

export function primaryOf(field: OrderField, deployment: FleetDeployment): string {
  switch (field) {
    case 'name':
      return deployment.name
    case 'instance':
      return ''
    case 'namespace':
      return deployment.namespace
    case 'phase':
      return (deployment.phase ?? '').slice(0, primaryLengthMax)
    case 'createdAt':
      return deployment.createdAt.slice(0, primaryLengthMax)
    case 'status':
      return statusOrder[statusOfDeployment(deployment)]
  }
}

/** Ascending; `primary` is what `primaryOf` says of each. */
export function comparePlaces(a: Place, primaryOfA: string, b: Place, primaryOfB: string): number {
  return (
    compare(primaryOfA, primaryOfB) ||
    compare(a.instance, b.instance) ||
    compare(a.namespace, b.namespace) ||
    compare(a.name, b.name)
  )
}

export function compareBy(field: OrderField) {
  return (a: FleetDeployment, b: FleetDeployment): number =>
    comparePlaces(a, primaryOf(field, a), b, primaryOf(field, b))
}

/** The first index of a sorted list at which `isBefore` holds no more. */
export function findIndex(length: number, isBefore: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
