import type { RequestContext } from '#context'

/** A person, themselves: an agent holds a token, and never the browser's session. */
export function isAtPortal({ actor, via }: Pick<RequestContext, 'actor' | 'via'>): boolean {
  if (via != null || actor.type !== 'user') return false
  return actor.credential.type === 'session' || actor.credential.type === 'local'
}
