import { Permission, type AuditEvent, type ListedAuditEvent } from '@hub/shared'
import { auditActions, describeAction } from '../../lib/audit-actions.ts'

/** To choose from; one that is not among them stays as the address has it. */
export function actionChoices(chosen: string | undefined): { value: string; label: string }[] {
  const known = Object.keys(auditActions)
  const all = chosen === undefined || known.includes(chosen) ? known : [...known, chosen]
  return all.map((value) => ({ value, label: `${describeAction(value)} (${value})` }))
}

/** Who did it, by name: the principal stands where nobody knows one. */
export function describeActor({
  actor,
  actorName,
}: Pick<ListedAuditEvent, 'actor' | 'actorName'>): string {
  if (actor === 'system') return 'The hub'
  if (actor === 'anonymous') return 'Not signed in'
  return actorName ?? actor
}

type Details = AuditEvent['target']

/** What a row is about, in a few words: "prod-east / ml-team / llama", or whom. */
export function describeTarget({
  after,
  before,
  target,
}: Pick<AuditEvent, 'after' | 'before' | 'target'>): string {
  if (target === null) return ''
  const text = (name: string, from: Details = target) => {
    const value = from?.[name]
    return typeof value === 'string' && value !== '' ? value : null
  }
  const place = ['instance', 'namespace', 'name'].flatMap((name) => text(name) ?? [])
  const permission = text('permission')
  if (place.length > 0) {
    return permission === null ? place.join(' / ') : `${permission} on ${place.join(' / ')}`
  }
  const { principals } = target
  if (Array.isArray(principals) && principals.length > 0) return principals.map(String).join(', ')
  for (const details of [after, before]) {
    const group = text('groupName', details) ?? text('groupId', details)
    if (group !== null) return group
  }
  const named = ['principal', 'subject', 'tokenId', 'file'].flatMap((name) => text(name) ?? [])
  return named[0] ?? permission ?? ''
}

export interface Change {
  field: string
  /** Null where there is none. */
  before: string | null
  after: string | null
}

/** What was before and after, field by field; those that stayed the same come last. */
export function listChanges(before: Details, after: Details): Change[] {
  const was = flatten(before)
  const is = flatten(after)
  const fields = [...new Set([...was.keys(), ...is.keys()])]
  return fields
    .map((field) => ({ field, before: was.get(field) ?? null, after: is.get(field) ?? null }))
    .toSorted((a, b) => Number(a.before === a.after) - Number(b.before === b.after))
}

function flatten(details: unknown, path = ''): Map<string, string> {
  const fields = new Map<string, string>()
  if (typeof details !== 'object' || details === null) return fields
  for (const [name, value] of Object.entries(details)) {
    const field = path === '' ? name : `${path}.${name}`
    const isNested = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (isNested) for (const [inner, text] of flatten(value, field)) fields.set(inner, text)
    else fields.set(field, describeValue(value))
  }
  return fields
}

/** Null stands for everything in a role, and for nothing elsewhere: it is shown as what it is. */
function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) {
    return value.length === 0 ? 'none' : value.map(String).join(', ')
  }
  return JSON.stringify(value)
}

/** Where "why was this denied?" leads: the person, the place and the permission; null where the row does not say. */
export function readDenial({ outcome, target, userId }: AuditEvent): {
  user: string
  place: { instance?: string; namespace?: string; permission?: Permission }
} | null {
  if (outcome !== 'denied' || userId === null || target === null) return null
  const permission = Permission.safeParse(target['permission'])
  if (!permission.success) return null
  const { instance, namespace } = target
  return {
    user: userId,
    place: {
      permission: permission.data,
      ...(typeof instance === 'string' && { instance }),
      ...(typeof instance === 'string' && typeof namespace === 'string' && { namespace }),
    },
  }
}
