import type { AuditFilter } from '@hub/shared'

/** What the address says about the audit log; `row` is the one that is open. */
export type AuditSearch = { [Field in keyof AuditFilter]?: NonNullable<AuditFilter[Field]> } & {
  row?: number
}
