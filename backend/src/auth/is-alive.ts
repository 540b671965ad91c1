import type { AuthDeps } from './deps.ts'
import type { SessionWithUser } from './store.ts'

/** Whether a session still stands for its person. */
export function isAlive(
  { identity, session, user }: SessionWithUser,
  deps: Pick<AuthDeps, 'config' | 'providers'>,
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
    // A provider that is no longer enabled vouches for nobody.
    deps.providers.some((provider) => provider.id === identity.provider)
  )
}
