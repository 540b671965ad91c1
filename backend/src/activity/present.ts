import { hash } from 'node:crypto'
import { Activity } from '@hub/shared'
import type { DoneRow } from '#audit'

type Target = NonNullable<Activity['target']>

/** Of a row, without its number: that counts others' rows. */
export function idOf({ requestId, seq }: Pick<DoneRow, 'requestId' | 'seq'>): string {
  return hash('sha256', `${requestId}/${seq}`, 'base64url').slice(0, 22)
}

/** What a row was done to, where that is on an instance. */
export function targetOf({ target }: Pick<DoneRow, 'target'>): Target | null {
  const instance = textOf(target?.['instance'])
  if (instance === null) return null
  return { instance, namespace: textOf(target?.['namespace']), name: textOf(target?.['name']) }
}

/** Whose access it was about: the first of their principals. */
export function aboutOf({ target }: Pick<DoneRow, 'target'>): string | null {
  const principals = target?.['principals']
  return textOf(Array.isArray(principals) ? principals[0] : target?.['principal'])
}

/** Null for the hub itself, and for nobody. */
export function personOf({ actor }: Pick<DoneRow, 'actor'>): string | null {
  return actor === 'system' || actor === 'anonymous' ? null : actor
}

/** Without anything that the audit log alone should tell: no address, no reason, no number that counts others' rows. */
export function presentRow(row: DoneRow, names: ReadonlyMap<string, string>): Activity {
  const named = (principal: string | null) =>
    principal === null ? null : { principal, displayName: names.get(principal) ?? principal }
  return {
    id: idOf(row),
    at: row.occurredAt.toISOString(),
    person: named(personOf(row)),
    action: row.action,
    target: targetOf(row),
    about: named(aboutOf(row)),
    outcome: Activity.shape.outcome.parse(row.outcome),
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
