import { isIdentityEnabled } from '#people'
import type { SessionDeps } from './deps.ts'
import type { SessionWithUser } from './find-session.ts'

/** Whether a session still stands for its person. */
export function isAlive(
  { identity, session, user }: SessionWithUser,
  deps: Pick<SessionDeps, 'config'>,
  now: Date,
): boolean {
  const idleMs = now.getTime() - session.lastSeenAt.getTime()
  return (
    session.revokedAt === null &&
    user.disabledAt === null &&
    // It came by an identity that was another person's then.
    identity.userId === session.userId &&
    now < session.expiresAt &&
    idleMs <= deps.config.session.idleSeconds * 1000 &&
    isIdentityEnabled(identity, deps.config)
  )
}
