import type { AuditEvent } from '@hub/shared'
import type { AuditRow } from './store.ts'

export function presentRow(row: AuditRow): AuditEvent {
  return { ...row, occurredAt: row.occurredAt.toISOString() }
}
