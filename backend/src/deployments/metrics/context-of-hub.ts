import { randomUUID } from 'node:crypto'
import type { Clock, RequestContext } from '#context'
import type { Database } from '#db'
import type { Logger } from '#log'

export type OfHub = {
  db: Database
  log: Logger
  now: Clock
  /** Nothing is asked any more once it aborts. */
  ending: AbortSignal
}

/** Of the hub's own, for nobody in particular: what it reads is shared by all who look. */
export function contextOfHub(
  { db, ending, log, now }: OfHub,
  signal: AbortSignal = ending,
): RequestContext {
  const actor = { type: 'system' } as const
  return { actor, requestId: randomUUID(), ip: null, userAgent: null, now, db, log, signal }
}
