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

/** What a deployment is ordered by first. */
export const primaries: Record<OrderField, (deployment: FleetDeployment) => string> = {
  name: ({ name }) => name,
  instance: () => '',
  namespace: ({ namespace }) => namespace,
  phase: ({ phase }) => (phase ?? '').slice(0, primaryLengthMax),
  createdAt: ({ createdAt }) => createdAt.slice(0, primaryLengthMax),
  status: (deployment) => statusOrder[statusOfDeployment(deployment)],
}

/** Ascending; each with what `primaries` says of it. */
export function comparePlaces(a: Place, primaryOfA: string, b: Place, primaryOfB: string): number {
  return (
    compare(primaryOfA, primaryOfB) ||
    compare(a.instance, b.instance) ||
    compare(a.namespace, b.namespace) ||
    compare(a.name, b.name)
  )
}

export function compareBy(field: OrderField) {
  const primaryOf = primaries[field]
  return (a: FleetDeployment, b: FleetDeployment): number =>
    comparePlaces(a, primaryOf(a), b, primaryOf(b))
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
