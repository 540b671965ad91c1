import type { AuditEvent, AuditExportFormat, AuditExportQuery } from '@hub/shared'
import type { RequestContext } from '#context'
import { toCsvLine } from '#csv'
import type { Database } from '#db'
import { escapeUnseen } from '#text'
import { authorize, hubWide } from '#rbac'
import { recordAudit } from './emit.ts'
import { presentRow } from './present.ts'
import { findRowsAfter } from './find-rows.ts'
import { findLastSeq } from './store.ts'

const rowsAtOnce = 200

/**
 * The rows that match, oldest first, as text in pieces; those that come while it is read are left out. That they were
 * exported is a row itself. Throws what `authorize` throws.
 */
export async function exportAudit(
  ctx: RequestContext,
  { format, ...filter }: AuditExportQuery,
): Promise<AsyncIterable<string>> {
  authorize(ctx, 'audit.view', hubWide)
  const upTo = await findLastSeq(ctx.db)
  await recordAudit(ctx, {
    action: 'audit.export',
    outcome: 'success',
    target: { format, filter, upTo },
  })
  return writeRows(ctx.db, filter, format, upTo)
}

async function* writeRows(
  db: Database,
  filter: Omit<AuditExportQuery, 'format'>,
  format: AuditExportFormat,
  upTo: number,
): AsyncGenerator<string> {
  if (format === 'csv') yield toCsvLine(csvColumns)
  const write = writers[format]
  let after = 0
  for (;;) {
    const rows = await findRowsAfter(db, filter, { after, upTo, limit: rowsAtOnce })
    if (rows.length > 0) yield rows.map((row) => write(presentRow(row))).join('')
    after = rows.at(-1)?.seq ?? after
    if (rows.length < rowsAtOnce) return
  }
}

const writers: Record<AuditExportFormat, (row: AuditEvent) => string> = {
  jsonl: (row) => `${escapeUnseen(JSON.stringify(row))}\n`,
  csv: (row) => toCsvLine(csvColumns.map((column) => escapeUnseen(toText(row[column])))),
  pipe: toPipeLine,
}

const csvColumns = [
  'seq',
  'occurredAt',
  'actor',
  'userId',
  'action',
  'outcome',
  'target',
  'before',
  'after',
  'reason',
  'requestId',
  'ip',
  'clusterAuditId',
  'previousHash',
  'hash',
  'via',
] as const satisfies readonly (keyof AuditEvent)[]

function toText(value: AuditEvent[keyof AuditEvent]): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** One line, whatever the values hold: `\` stands before `|` and itself, and line ends are `\n` and `\r`. */
export function toPipeLine(row: AuditEvent): string {
  const { action, actor, occurredAt, outcome, target, via } = row
  const ownTokenId = target?.['tokenId'] ?? target?.['byToken'] ?? target?.['bySession']
  const fields = [
    `${occurredAt.slice(0, 10)} ${occurredAt.slice(11, 19)}`,
    `USER: ${toField(actor)}`,
    `ACTION: ${toField(via?.tool.replaceAll('_', ' ') ?? action)}`,
    `NAMESPACE: ${toField(target?.['namespace'])}`,
    `RESULT: ${toField(outcome)}`,
    `TOKEN_ID: ${toField(via?.tokenId ?? ownTokenId)}`,
  ]
  return `${fields.join(' | ')}\n`
}

function toField(value: unknown): string {
  if (typeof value !== 'string' || value === '') return '-'
  const plain = value.replaceAll(/[\\|]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
  return escapeUnseen(plain)
}
