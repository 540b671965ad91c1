import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { unauthenticated } from './authorize.ts'

const freshMs = 15 * 60 * 1000

/**
 * Returns when the caller proved a moment ago who they are: for what lasts, such as credentials and people. API tokens and
 * JWTs cannot prove that, so they pass only where the verb says so. Throws `unauthenticated`,
 * `reauthentication-required`, and `forbidden` for what is no browser session.
 */
export function requireFresh(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  options: { allowBearer?: boolean } = {},
): void {
  const { actor } = ctx
  if (actor.type === 'anonymous') throw unauthenticated(actor)
  if (actor.type === 'system') return
  const credential = actor.type === 'user' ? actor.credential : null
  if (credential?.type === 'local') return
  if (credential?.type === 'session') {
    if (ctx.now().getTime() - credential.authenticatedAt.getTime() <= freshMs) return
    throw new AppError('reauthentication-required', {
      detail:
        'This needs a sign-in from the last 15 minutes, and yours is older. Sign in again, then try again.',
    })
  }
  if (options.allowBearer === true) return
  throw new AppError('forbidden', {
    detail:
      'This needs a person who has just signed in to the portal; a token cannot do it. Sign in and do it there.',
  })
}
