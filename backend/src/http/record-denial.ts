import type { Context } from 'hono'
import { recordAudit } from '#audit'
import { isCaller } from '#context'
import { asAppError, type AppError } from '#errors'
import type { HubEnv } from './hub-env.ts'

/** Writes down who was refused what. What cannot be written down is no less refused, but says what it is for. */
export async function recordDenial(c: Context<HubEnv>, error: AppError): Promise<AppError> {
  const ctx = c.get('ctx')
  const { code, denial } = error
  // Of somebody who is known: what strangers are refused is for the log.
  if (denial === undefined && !(code === 'forbidden' && isCaller(ctx.actor))) return error
  try {
    await recordAudit(ctx, {
      action: 'access.denied',
      outcome: 'denied',
      target: { ...(denial ?? { method: c.req.method, path: c.req.path.slice(0, 500) }) },
      reason: code,
    })
    return error
  } catch (failure) {
    return asAppError(failure)
  }
}
