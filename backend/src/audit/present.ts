import type { AuditEvent } from '@hub/shared'
import type { AuditRow } from './rows.ts'

export function presentRow(row: AuditRow): AuditEvent {
  return { ...row, occurredAt: row.occurredAt.toISOString() }
}
