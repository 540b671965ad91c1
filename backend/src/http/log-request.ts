import type { Context } from 'hono'
import { isCaller } from '#context'
import type { Logger } from '#log'
import type { HubEnv } from './hub-env.ts'

export function logRequest(c: Context<HubEnv>, log: Logger, durationMs: number): void {
  const { actor, requestId } = c.get('ctx')
  log.info(
    {
      requestId,
      method: c.req.method,
      path: c.req.path.slice(0, 500),
      status: c.res.status,
      durationMs: Math.round(durationMs * 10) / 10,
      ...(isCaller(actor) && { principal: actor.principal }),
    },
    'request',
  )
}
