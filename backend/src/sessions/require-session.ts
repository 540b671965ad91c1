import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { requireUser } from '#rbac'

/** Sessions belong to browsers: a token neither lists nor ends them. Throws `unauthenticated`, `forbidden`. */
export function requireSession({ actor }: Pick<RequestContext, 'actor'>): {
  id: string
  userId: string
} {
  const { credential, userId } = requireUser(actor)
  if (credential.type === 'session') return { id: credential.id, userId }
  throw new AppError('forbidden', {
    detail: 'Sessions are seen and ended in the portal, by the person who signed in to it.',
  })
}
