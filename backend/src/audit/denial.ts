import { isCaller, type RequestContext } from '#context'
import { asAppError, type AppError } from '#errors'
import { recordAudit } from './emit.ts'

/**
 * Writes down who was refused what, and returns the refusal. `target` is for a refusal that names nothing. What cannot be
 * written down is no less refused, but says what that is for. Never throws.
 */
export async function auditDenial(
  ctx: RequestContext,
  error: AppError,
  target: Record<string, unknown> = {},
): Promise<AppError> {
  const { code, denial } = error
  // Of somebody who is known: what strangers are refused is for the log.
  if (denial === undefined && !(code === 'forbidden' && isCaller(ctx.actor))) return error
  try {
    await recordAudit(ctx, {
      action: 'access.denied',
      outcome: 'denied',
      target: { ...(denial ?? target) },
      reason: code,
    })
    return error
  } catch (failure) {
    return asAppError(failure)
  }
}
