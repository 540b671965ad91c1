import type { RequestContext } from '#context'

/** What handlers find in Hono's context. */
export type HubEnv = { Variables: { ctx: RequestContext } }
