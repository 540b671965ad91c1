import {
  AuditEvent,
  type AuditExportFormat,
  AuditExportQuery,
  AuditPage,
  AuditQuery,
} from '@hub/shared'
import { Hono } from 'hono'
import type { HubEnv } from '#context'
import { describeRoute, validate } from '#http'
import { exportAudit } from './export.ts'
import { listAudit } from './list.ts'

const files: Record<AuditExportFormat, { type: string; extension: string }> = {
  jsonl: { type: 'application/x-ndjson', extension: 'jsonl' },
  csv: { type: 'text/csv; charset=utf-8; header=present', extension: 'csv' },
  pipe: { type: 'text/plain; charset=utf-8', extension: 'log' },
}

/** Mounted at `/api/admin/audit`. */
export function auditRoutes() {
  return new Hono<HubEnv>()
    .get(
      '/',
      describeRoute({
        policy: { permission: 'audit.view', scope: 'hub' },
        operationId: 'listAudit',
        tag: 'Audit',
        summary: 'The audit log, newest first',
        answers: { 200: AuditPage },
      }),
      validate('query', AuditQuery),
      async (c) => c.json(await listAudit(c.get('ctx'), c.req.valid('query')), 200),
    )
    .get(
      '/export',
      describeRoute({
        policy: { permission: 'audit.view', scope: 'hub' },
        operationId: 'exportAudit',
        tag: 'Audit',
        summary: 'Export the audit log',
        description: 'Oldest first, streamed as it is read. That it was exported is a row itself.',
        answers: {
          200: [
            {
              type: 'application/x-ndjson',
              description: 'One row of the log a line, for `jsonl`.',
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
      }),
      validate('query', AuditExportQuery),
      async (c) => {
        const ctx = c.get('ctx')
        const query = c.req.valid('query')
        const { extension, type } = files[query.format]
        const pieces = await exportAudit(ctx, query)
        const body = ReadableStream.from(toBytes(pieces))
        return c.body(body, 200, {
          'content-type': type,
          'content-disposition': `attachment; filename="audit-${ctx.now().toISOString().slice(0, 10)}.${extension}"`,
          'cache-control': 'no-store',
        })
      },
    )
}

async function* toBytes(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const piece of pieces) yield encoder.encode(piece)
}
