import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { requireUser } from '#rbac'

/** For what neither a token nor a program may do, whatever its rights. Throws `forbidden`, `unauthenticated`. */
export function requireBrowser(ctx: Pick<RequestContext, 'actor'>, what: string): void {
  const { credential } = requireUser(ctx.actor)
  switch (credential.type) {
    case 'session':
      return
    case 'local':
      throw new AppError('forbidden', {
        detail: `${what} only in hub mode: in local mode nobody signs in.`,
      })
    case 'token':
    case 'jwt':
      throw new AppError('forbidden', {
        detail: `${what} only in the portal, by a person who has signed in; a token cannot do it.`,
      })
  }
}
