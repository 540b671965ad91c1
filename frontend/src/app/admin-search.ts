import { auditOutcomes, isDnsLabel, permissions, roles, type Role } from '@hub/shared'
import type { AuditSearch } from '../features/audit/audit-search.ts'
import type { PeopleSearch } from '../features/people/people-page.tsx'
import type { PlaceSearch } from '../features/people/place-fields.tsx'
import type { WhySearch } from '../features/people/why-page.tsx'
import { readFields } from './read-fields.ts'

const anyText = (text: string) => (text.trim() === '' ? undefined : text)
const name = (text: string) => (isDnsLabel(text) ? text : undefined)
const moment = (text: string) =>
  /^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined
const oneOf =
  <const Known extends string>(known: readonly Known[]) =>
  (text: string) =>
    known.find((each) => each === text)

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
    ...readFields({ instance: name, namespace: name, role: oneOf(roles) }, search),
  }
}

export function readPeopleSearch(search: Record<string, unknown>): PeopleSearch {
  return readFields({ q: anyText, status: oneOf(['enabled', 'disabled']) }, search)
}

export function readPlaceSearch(search: Record<string, unknown>): PlaceSearch {
  const fields = { instance: name, namespace: name, permission: oneOf(permissions) }
  const place: PlaceSearch = readFields(fields, search)
  if (place.instance !== undefined) return place
  const { namespace: _, ...withoutPlace } = place
  return withoutPlace
}

/** Whose access is asked about, a person's or a program's, and where. */
export function readWhySearch(search: Record<string, unknown>): WhySearch {
  const { user, service } = readFields({ user: anyText, service: anyText }, search)
  const place = readPlaceSearch(search)
  if (user !== undefined) return { user, ...place }
  return service === undefined ? place : { service, ...place }
}

export function readAuditSearch(search: Record<string, unknown>): AuditSearch {
  const { row } = search
  const fields = {
    actor: anyText,
    action: anyText,
    outcome: oneOf(auditOutcomes),
    instance: name,
    from: moment,
    to: moment,
    requestId: anyText,
    q: anyText,
  }
  return {
    ...readFields(fields, search),
    ...(typeof row === 'number' && Number.isSafeInteger(row) && row > 0 && { row }),
  }
}
