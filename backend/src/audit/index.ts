export {
  emitAudit,
  recordAudit,
  type AuditAction,
  type AuditEntry,
  type AuditOutcome,
} from './emit.ts'
export { selectAuditRows, type AuditRow } from './store.ts'
