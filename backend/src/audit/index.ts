export {
  beginAttempt,
  endAttempt,
  settleAttempt,
  type AttemptedChange,
  type AttemptOutcome,
} from './attempts.ts'
export { emitAudit, recordAudit, type AuditAction, type AuditEntry } from './emit.ts'
export { startSettling } from './start-settling.ts'
export { startAuditRetention } from './retention.ts'
export { createHeads, parseHead, readHead, signAuditLines, type SignedHead } from './signed-head.ts'
export type { AttemptRow, AuditRow } from './rows.ts'
export { findOpenAttempts, selectAuditRows } from './store.ts'
export { verifyAudit, type Verification } from './verify.ts'
