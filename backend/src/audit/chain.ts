import { hash } from 'node:crypto'
import type { AuditRow } from './rows.ts'

/** What the first row follows on. */
export const chainStart = '0'.repeat(64)

/** Everything of a row that its hash covers, besides the hash of the row before. */
export type ChainedContent = Omit<AuditRow, 'previousHash' | 'hash' | 'via'> & {
  via: object | null
}

/** The SHA-256 of a row and of the hash before it, in hex. The same for a row from whichever database. */
export function hashRow(row: ChainedContent, previousHash: string): string {
  const fields = [
    'hub/audit/v1',
    row.seq,
    row.occurredAt.toISOString(),
    row.actor,
    row.userId,
    row.action,
    row.target,
    row.before,
    row.after,
    row.outcome,
    row.reason,
    row.requestId,
    row.ip,
    row.clusterAuditId,
    previousHash,
    // Rows from before there were agents have the hash that they had.
    ...(row.via === null ? [] : [row.via]),
  ]
  return hash('sha256', toCanonicalJson(fields), 'hex')
}

/** JSON whose objects have their keys in code-unit order: PostgreSQL's jsonb keeps an order of its own. */
function toCanonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toCanonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${toCanonicalJson(member)}`)
  return `{${members.join(',')}}`
}

/** As both databases give it back: plain JSON, and text without what PostgreSQL cannot hold (NUL, half a surrogate). */
export function toStorable<T>(value: T): T {
  const text = JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'string') return toStorableText(member)
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
    return Object.fromEntries(
      Object.entries(member).map(([key, inner]) => [toStorableText(key), inner]),
    )
  })
  return JSON.parse(text) as T
}

function toStorableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
