import type { DeploymentsQuery } from '@hub/shared'
import * as z from 'zod'
import { compareBy, comparePlaces, primaries, type FleetEntry, type OrderField } from '#fleet'
import { readCursor, writeCursor } from '#operation'

/** An order of deployments in which no two are equal, and the place in it that a cursor names. */
export type Order = {
  field: OrderField
  isDescending: boolean
  compare(a: FleetEntry, b: FleetEntry): number
  hasCursor: boolean
  /** True for every entry where there is no cursor. */
  isAfterCursor(entry: FleetEntry): boolean
  /** The cursor with which the next page begins after this entry. */
  cursorAt(entry: FleetEntry): string
}

/** The sort, then what the fields of the order were at the last entry: it need not exist any more. */
const Cursor = z.tuple([z.string(), z.string(), z.string(), z.string(), z.string()])

/** Throws `invalid-request` where the cursor is not of this sort. */
export function createOrder(
  sort: DeploymentsQuery['sort'] = 'instance',
  cursor: string | undefined,
): Order {
  const isDescending = sort.startsWith('-')
  const field = sort.replace('-', '') as OrderField
  const sign = isDescending ? -1 : 1
  const after = readAfter(cursor, sort)
  const primaryOf = primaries[field]
  const compare = compareBy(field)
  return {
    field,
    isDescending,
    compare: (a, b) => sign * compare(a.deployment, b.deployment),
    hasCursor: after !== null,
    isAfterCursor: ({ deployment }) =>
      after === null ||
      sign * comparePlaces(deployment, primaryOf(deployment), after, after.primary) > 0,
    cursorAt: ({ deployment }) => {
      const { instance, name, namespace } = deployment
      return writeCursor([sort, primaryOf(deployment), instance, namespace, name])
    },
  }
}

function readAfter(cursor: string | undefined, sort: string) {
  const position = readCursor(
    cursor,
    Cursor.refine(([given]) => given === sort),
    'must be `next` of a page with the same sort; leave it out to start over',
  )
  if (!position) return null
  const [, primary, instance, namespace, name] = position
  return { primary, instance, namespace, name }
}
