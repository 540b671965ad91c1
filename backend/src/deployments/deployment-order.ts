import type { DeploymentsQuery, deploymentSorts } from '@hub/shared'
import * as z from 'zod'
import type { FleetDeployment, FleetEntry } from '#fleet'
import { readCursor, writeCursor } from '#operation'

type SortField = (typeof deploymentSorts)[number]

/** An order of deployments in which no two are equal, and the place in it that a cursor names. */
export type Order = {
  compare(a: FleetEntry, b: FleetEntry): number
  /** True for every entry where there is no cursor. */
  isAfterCursor(entry: FleetEntry): boolean
  /** The cursor with which the next page begins after this entry. */
  cursorAt(entry: FleetEntry): string
  /** Whether it is the one in which the fleet is walked: by instance, namespace and name. */
  isOrderOfFleet: boolean
}

/** The sort, then what the fields of the order were at the last entry: it need not exist any more. */
const Cursor = z.tuple([z.string(), z.string(), z.string(), z.string(), z.string()])

type Key = readonly [primary: string, instance: string, namespace: string, name: string]

/** Longer values are ordered by their beginning, so that a cursor stays short. */
const primaryLengthMax = 64

/** Throws `invalid-request` where the cursor is not of this sort. */
export function createOrder(
  sort: DeploymentsQuery['sort'] = 'instance',
  cursor: string | undefined,
): Order {
  const isDescending = sort.startsWith('-')
  const field = sort.replace('-', '') as SortField
  const sign = isDescending ? -1 : 1
  const after = readAfter(cursor, sort)
  return {
    compare: (a, b) => sign * compareKeys(keyOf(field, a.deployment), keyOf(field, b.deployment)),
    isAfterCursor: (entry) =>
      after === null || sign * compareKeys(keyOf(field, entry.deployment), after) > 0,
    cursorAt: (entry) => writeCursor([sort, ...keyOf(field, entry.deployment)]),
    isOrderOfFleet: sort === 'instance',
  }
}

function readAfter(cursor: string | undefined, sort: string): Key | null {
  const position = readCursor(
    cursor,
    Cursor.refine(([given]) => given === sort),
    'must be `next` of a page with the same sort; leave it out to begin anew',
  )
  if (!position) return null
  const [, primary, instance, namespace, name] = position
  return [primary, instance, namespace, name]
}

function keyOf(field: SortField, deployment: FleetDeployment): Key {
  const { instance, name, namespace } = deployment
  switch (field) {
    case 'name':
      return [name, instance, namespace, name]
    case 'instance':
      return ['', instance, namespace, name]
    case 'namespace':
      return [namespace, instance, namespace, name]
    case 'phase':
      return [(deployment.phase ?? '').slice(0, primaryLengthMax), instance, namespace, name]
    case 'createdAt':
      return [deployment.createdAt.slice(0, primaryLengthMax), instance, namespace, name]
  }
}

function compareKeys(a: Key, b: Key): number {
  for (let i = 0; i < a.length; i += 1) {
    if (a[i]! !== b[i]!) return a[i]! < b[i]! ? -1 : 1
  }
  return 0
}
