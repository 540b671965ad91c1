import { findIdentityFault } from '#people'
import type { SessionDeps } from './deps.ts'
import type { SessionWithUser } from './find-session.ts'

/** Of `revokeReason`, what the person is told; who ended it themselves, and there, knows. */
const endings: Readonly<Record<string, string>> = {
  'revoked by its owner': 'You ended this session from another browser.',
  'revoked by an administrator': 'An administrator of the hub ended your session.',
  'signed out at the provider': 'You were signed out at your identity provider, and with it here.',
  'an old cookie was used':
    'Your session was used from two places at once, so the hub ended it. If that was not you, tell an administrator of the hub.',
  'joined with another person': 'Your account was joined with another one of yours.',
  'the identity became another person’s':
    'The account that you signed in with now belongs to another person.',
}

/**
 * Why a session is over, as a sentence for the person who holds its cookie; null where it is not, or where they know.
 */
export function describeEnd(
  { identity, session, user }: SessionWithUser,
  { config }: Pick<SessionDeps, 'config'>,
  now: Date,
): string | null {
  if (user.disabledAt !== null) {
    return 'Your account is disabled in this hub. An administrator of the hub can enable it again.'
  }
  const fault = findIdentityFault(identity, config)
  if (fault !== null) return fault.sentence
  if (session.revokedAt !== null) return endings[session.revokeReason ?? ''] ?? null
  // Past its end after sign-in the browser shows no cookie any more.
  const { idleSeconds } = config.session
  if (now.getTime() - session.lastSeenAt.getTime() > idleSeconds * 1000) {
    return `Sessions end after ${describeLength(idleSeconds)} without activity.`
  }
  return null
}

function describeLength(seconds: number): string {
  const [count, unit] =
    seconds % 3600 === 0
      ? [seconds / 3600, 'hour']
      : seconds % 60 === 0
        ? [seconds / 60, 'minute']
        : [seconds, 'second']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
