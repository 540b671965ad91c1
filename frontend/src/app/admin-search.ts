import {
  AuditFilter,
  EffectiveAccessQuery,
  InstanceId,
  NamespaceName,
  Role,
  UsersQuery,
} from '@hub/shared'
import type * as z from 'zod'
import type { AuditSearch } from '../features/audit/audit-search.ts'
import type { PeopleSearch } from '../features/people/people-page.tsx'
import type { PlaceSearch } from '../features/people/place-fields.tsx'

/** What the address says about asking for access: whether the form is open, and what it begins with. */
export function readAskSearch(search: Record<string, unknown>): {
  ask?: true
  instance?: string
  namespace?: string
  role?: Role
} {
  if (search['ask'] !== true) return {}
  return {
    ask: true,
    ...readFields({ instance: InstanceId, namespace: NamespaceName, role: Role }, search),
  }
}

export function readPeopleSearch(search: Record<string, unknown>): PeopleSearch {
  const { q, status } = UsersQuery.shape
  return readFields({ q, status }, search)
}

export function readPlaceSearch(search: Record<string, unknown>): PlaceSearch {
  const { instance, namespace, permission } = EffectiveAccessQuery.shape
  const place: PlaceSearch = readFields({ instance, namespace, permission }, search)
  if (place.instance !== undefined) return place
  const { namespace: _, ...withoutPlace } = place
  return withoutPlace
}

export function readAuditSearch(search: Record<string, unknown>): AuditSearch {
  const { row } = search
  return {
    ...readFields(AuditFilter.shape, search),
    ...(typeof row === 'number' && Number.isSafeInteger(row) && row > 0 && { row }),
  }
}

type Read<Shape extends Record<string, z.ZodType>> = {
  [Field in keyof Shape]?: NonNullable<z.infer<Shape[Field]>>
}

/** Keeps of an address what the schema of each field takes; the router reads digits as a number. */
function readFields<Shape extends Record<string, z.ZodType>>(
  shape: Shape,
  search: Record<string, unknown>,
): Read<Shape> {
  const kept = Object.entries(shape).flatMap(([name, schema]) => {
    const value = search[name]
    if (typeof value !== 'string' && typeof value !== 'number') return []
    const read = schema.safeParse(String(value))
    return read.success && read.data !== undefined ? [[name, read.data]] : []
  })
  // Each value came out of the schema of its own field.
  return Object.fromEntries(kept) as Read<Shape>
}
