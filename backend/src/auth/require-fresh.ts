import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { requireUser } from '#rbac'

const freshMs = 15 * 60_000

/**
 * For what somebody who finds an open browser must not do: the person proved who they are less than 15 minutes ago.
 * Throws `reauthentication-required`, `unauthenticated`, and `forbidden` for a program.
 */
export function requireFresh(ctx: Pick<RequestContext, 'actor' | 'now'>): void {
  const { credential } = requireUser(ctx.actor)
  if (
    credential.type === 'session' &&
    ctx.now().getTime() - credential.authenticatedAt.getTime() < freshMs
  ) {
    return
  }
  throw new AppError('reauthentication-required', {
    detail: 'This needs a sign-in of the last 15 minutes. Sign in again and repeat it.',
  })
}
