import type { AuditEvent, ListedAuditEvent } from '@hub/shared'
import type { AuditRow } from './rows.ts'

export function presentRow(row: AuditRow): AuditEvent {
  return { ...row, occurredAt: row.occurredAt.toISOString() }
}

export function presentListedRow(
  row: AuditRow,
  names: ReadonlyMap<string, string>,
): ListedAuditEvent {
  return { ...presentRow(row), actorName: names.get(row.actor) ?? null }
}
