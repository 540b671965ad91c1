import type { Database } from '#db'
import type { Logger } from '#log'
import type { Actor } from './actor.ts'

export type Clock = () => Date

/** Everything a verb needs to know about the request it serves, whatever the transport. */
export type RequestContext = {
  actor: Actor
  requestId: string
  /** The peer's address as the hub saw it. */
  ip: string | null
  userAgent: string | null
  now: Clock
  db: Database
  log: Logger
  /** Aborts when the caller is gone. */
  signal: AbortSignal
}

/** What Hono's handlers find behind `c.var`. */
export type HubEnv = { Variables: { ctx: RequestContext } }
