import type { Policy } from '#operation'

/** Who may call it, in words. */
export function describePolicy(policy: Policy): string {
  switch (policy) {
    case 'public':
      return 'anybody, signed in or not.'
    case 'signed-in':
      return 'whoever is signed in, a person or a program.'
    case 'bearer':
      return 'whoever has a token, a person or a program; no browser session.'
    case 'person':
      return 'a person, by session or token; no program.'
    case 'browser-session':
      return 'a person by a browser session; no token.'
    case 'fresh-browser-session':
      return 'a person by a browser session who signed in within the last 15 minutes; no token.'
    default: {
      const { isFresh, permission, scope, takesSession } = policy
      const where = {
        hub: 'in the whole hub',
        instance: 'on the instance',
        namespace: 'in the namespace of the instance',
      }[scope]
      const hidden =
        scope === 'hub'
          ? ''
          : ' Whoever holds nothing on the instance is told that it does not exist.'
      const fresh = isFresh
        ? ' A browser session has to be signed in within the last 15 minutes.'
        : ''
      const session = takesSession ? ' No token.' : ''
      return `\`${permission}\` ${where}.${hidden}${fresh}${session}`
    }
  }
}

/** As OpenAPI's security requirements: any one of them is enough. */
export function describeSecurity(policy: Policy): Record<string, string[]>[] {
  if (policy === 'public') return []
  if (policy === 'bearer') return [{ token: [] }]
  return isBySession(policy) ? [{ session: [] }] : [{ session: [] }, { token: [] }]
}

function isBySession(policy: Policy): boolean {
  if (typeof policy === 'object') return policy.takesSession === true
  return policy === 'browser-session' || policy === 'fresh-browser-session'
}
