import type { Context } from 'hono'
import { auditDenial } from '#audit'
import type { RequestContext } from '#context'
import type { AppError } from '#errors'
import type { HubEnv } from './hub-env.ts'

/** Writes down who was refused what. What cannot be written down is no less refused, but says what it is for. */
export function recordDenial(
  c: Context<HubEnv>,
  error: AppError,
  ctx: RequestContext = c.get('ctx'),
): Promise<AppError> {
  return auditDenial(ctx, error, { method: c.req.method, path: c.req.path.slice(0, 500) })
}
