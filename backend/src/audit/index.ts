export {
  beginAttempt,
  endAttempt,
  settleAttempt,
  type AttemptedChange,
  type AttemptOutcome,
} from './attempts.ts'
export { auditDenial } from './denial.ts'
export { emitAudit, recordAudit, type AuditAction, type AuditEntry } from './emit.ts'
export { createSettlingJob } from './settling.ts'
export { createRetentionJob } from './retention.ts'
export { createHeads, parseHead, readHead, signAuditLines, type SignedHead } from './signed-head.ts'
export type { AttemptRow, AuditRow } from './rows.ts'
export {
  findAgentCalls,
  findDone,
  findLastOfAction,
  findOpenAttempts,
  selectAuditRows,
  type AgentCallRow,
  type DoneRow,
} from './store.ts'
export type { Verification } from './check-rows.ts'
export { verifyAudit } from './verify.ts'
export type { AuditListDeps } from './list.ts'
export { auditOperations } from './operations.ts'
