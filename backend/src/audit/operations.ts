import {
  AuditEvent,
  type AuditExportFormat,
  AuditExportQuery,
  AuditPage,
  AuditQuery,
} from '@hub/shared'
import { defineOperation } from '#operation'
import { exportAudit } from './export.ts'
import { listAudit, type AuditListDeps } from './list.ts'

const files: Record<AuditExportFormat, { type: string; extension: string }> = {
  jsonl: { type: 'application/x-ndjson', extension: 'jsonl' },
  csv: { type: 'text/csv; charset=utf-8; header=present', extension: 'csv' },
  pipe: { type: 'text/plain; charset=utf-8', extension: 'log' },
}

export const auditOperations = [
  defineOperation({
    id: 'listAudit',
    tag: 'Audit',
    summary: 'The audit log, newest first',
    policy: { permission: 'audit.view', scope: 'hub' },
    effect: 'read',
    tool: { none: 'What agents did is read by people, and by whoever collects the log.' },
    input: { query: AuditQuery },
    output: AuditPage,
    http: { method: 'get', path: '/api/admin/audit', status: 200 },
    run: (ctx, deps: AuditListDeps, { query }) => listAudit(ctx, deps, query),
  }),
  defineOperation({
    id: 'exportAudit',
    tag: 'Audit',
    summary: 'Export the audit log',
    description: 'Oldest first, streamed as it is read. The export is itself a row of the log.',
    policy: { permission: 'audit.view', scope: 'hub' },
    effect: 'read',
    tool: { none: 'What agents did is read by people, and by whoever collects the log.' },
    input: { query: AuditExportQuery },
    output: {
      stream: [
        {
          type: 'application/x-ndjson',
          description: 'One row of the log per line, for `jsonl`.',
          items: AuditEvent,
        },
        {
          type: 'text/csv',
          description: 'RFC 4180 with a header, safe to open in a spreadsheet, for `csv`.',
        },
        {
          type: 'text/plain',
          description: 'One line a row, `TIME | USER: … | ACTION: … | …`, for `pipe`.',
        },
      ],
    },
    http: { method: 'get', path: '/api/admin/audit/export', status: 200 },
    async run(ctx, _deps, { query }) {
      const { extension, type } = files[query.format]
      const pieces = await exportAudit(ctx, query)
      return {
        type,
        body: ReadableStream.from(toBytes(pieces)),
        fileName: `audit-${ctx.now().toISOString().slice(0, 10)}.${extension}`,
      }
    },
  }),
] as const

async function* toBytes(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const piece of pieces) yield encoder.encode(piece)
}
