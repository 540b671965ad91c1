import type { Tables } from '#db'

export type AuditRow = Tables['auditLog']['$inferSelect']

export type AuditCheckpoint = Tables['auditCheckpoints']['$inferSelect']

export type AttemptRow = Tables['auditAttempts']['$inferSelect']
