import * as z from 'zod'
import { InstanceId } from './names.ts'
import { auditOutcomes } from './sets.ts'
import { LineText } from './text.ts'

/**
 * `attempt` is written before a change on a cluster, its outcome after it; `unknown` where it may or may not have
 * happened.
 */
export const AuditOutcome = z.enum(auditOutcomes)
export type AuditOutcome = z.infer<typeof AuditOutcome>

const Details = z.record(z.string(), z.unknown()).nullable()

/** The agent by which somebody did what a row says. */
export const AgentCall = z.object({
  door: z.literal('mcp'),
  /** The tool, or the method of the protocol where it is none. */
  tool: z.string(),
  /** The client that the issuer gave the token to. */
  clientId: z.string().nullable(),
  apiToken: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** What the agent's program calls itself, which nobody vouches for. */
  saidName: z.string().nullable(),
  /** The token's `jti`, or else the first 12 hex digits of its SHA-256. */
  tokenId: z.string(),
})
export type AgentCall = z.infer<typeof AgentCall>

/** One row: who did what, to what, and what came of it. */
export const AuditEvent = z.object({
  seq: z.int(),
  occurredAt: z.iso.datetime(),
  /** A principal, `anonymous` or `system`. */
  actor: z.string(),
  userId: z.string().nullable(),
  action: z.string(),
  outcome: z.string(),
  target: Details,
  before: Details,
  after: Details,
  reason: z.string().nullable(),
  requestId: z.string(),
  ip: z.string().nullable(),
  /** What the cluster's own audit log calls the request. */
  clusterAuditId: z.string().nullable(),
  /** Null where nobody did it by an agent. */
  via: AgentCall.nullable(),
  /** Of the row before and of this one with it; null for rows from before there was a chain. */
  previousHash: z.string().nullable(),
  hash: z.string().nullable(),
})
export type AuditEvent = z.infer<typeof AuditEvent>

/** A row as a page shows it: `actorName` is what the person or program is called now, null where the hub does not know. */
export const ListedAuditEvent = AuditEvent.extend({ actorName: z.string().nullable() })
export type ListedAuditEvent = z.infer<typeof ListedAuditEvent>

/**
 * A page, newest first; `next` is the cursor of the page after it. Where much of the log was searched and the page is not
 * full, `searchedTo` is the time of the row that was reached, and `next` goes on from there.
 */
export const AuditPage = z.object({
  items: z.array(ListedAuditEvent),
  next: z.string().nullable(),
  searchedTo: z.iso.datetime().nullable(),
})
export type AuditPage = z.infer<typeof AuditPage>

const Moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: 'must be a time such as 2026-11-22T10:00:00Z, or a day such as 2026-11-22',
})
const Words = LineText.min(1).max(500)

/** Rows that match all of these. */
export const AuditFilter = z.strictObject({
  actor: Words.optional(),
  action: Words.optional(),
  outcome: AuditOutcome.optional(),
  instance: InstanceId.optional(),
  /** This moment or later. */
  from: Moment.optional(),
  /** Before this moment. */
  to: Moment.optional(),
  requestId: Words.optional(),
  /** Part of any text in the row, whatever its case; on SQLite that of A to Z alone. */
  q: Words.optional(),
})
export type AuditFilter = z.infer<typeof AuditFilter>

export const AuditQuery = AuditFilter.extend({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^[1-9][0-9]{0,14}$/, 'is not a cursor from a page of this list')
    .optional(),
})
export type AuditQuery = z.infer<typeof AuditQuery>

/** `pipe` is one line of text per row, `TIME | USER: … | ACTION: … | …`. */
export const AuditExportFormat = z.enum(['jsonl', 'csv', 'pipe'])
export type AuditExportFormat = z.infer<typeof AuditExportFormat>

export const AuditExportQuery = AuditFilter.extend({ format: AuditExportFormat })
export type AuditExportQuery = z.infer<typeof AuditExportQuery>
