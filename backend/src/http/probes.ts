import type { Context } from 'hono'
import * as z from 'zod'
import { asTransactionFault, type Database } from '#db'
import { AppError } from '#errors'
import type { Logger } from '#log'
import { definePage } from './define-page.ts'

/** Not of the API, whose addresses are never referrers. */
const referrers = { 'referrer-policy': 'same-origin' }
const HubVersion = z.object({ version: z.string() })

export type ProbeDeps = {
  db: Pick<Database, 'ping'>
  log: Logger
  /** Why the hub should be sent no requests, as a few words; null when it should. */
  notReady: () => string | null
  version: string
}

/** What whoever runs the hub asks, before and beside everything else. */
export const probes = [
  definePage({
    id: 'isAlive',
    tag: 'Hub',
    summary: 'Whether the hub runs',
    policy: 'public',
    effect: 'read',
    isForAnyone: true,
    isUnlimited: true,
    answers: { 200: { type: 'text/plain', description: 'It does.' } },
    http: { method: 'get', path: '/livez' },
    handle: (c) => answer(c, 'ok', 200),
  }),
  definePage({
    id: 'isReady',
    tag: 'Hub',
    summary: 'Whether the hub can serve',
    policy: 'public',
    effect: 'read',
    isForAnyone: true,
    isUnlimited: true,
    answers: {
      200: { type: 'text/plain', description: 'It can.' },
      503: { type: 'text/plain', description: 'Why not yet, or no longer.' },
    },
    http: { method: 'get', path: '/readyz' },
    async handle(c, deps: ProbeDeps) {
      const reason = deps.notReady()
      if (reason !== null) return answer(c, reason, 503)
      try {
        await deps.db.ping()
        return answer(c, 'ok', 200)
      } catch (error) {
        deps.log.warn({ error }, 'not ready: the database cannot be used')
        const fault = asTransactionFault(error)
        const why = fault instanceof AppError ? fault.detail : 'the database does not answer'
        return answer(c, why, 503)
      }
    },
  }),
  definePage({
    id: 'getVersion',
    tag: 'Hub',
    summary: "The hub's version",
    policy: 'public',
    effect: 'read',
    isForAnyone: true,
    answers: { 200: HubVersion },
    http: { method: 'get', path: '/version' },
    handle: (c, { version }: ProbeDeps) => c.json({ version }, 200, referrers),
  }),
] as const

function answer(c: Context, text: string, status: 200 | 503): Response {
  return c.text(text, status, referrers)
}
