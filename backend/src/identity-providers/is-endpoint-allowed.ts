import { isLoopbackHost } from '#config'

/**
 * Whether what an issuer's discovery document names may be dialled: https, or, where the issuer itself may be reached by plain
 * http, the same origin; on this machine any of its ports.
 */
export function isEndpointAllowed(issuer: string, endpoint: string): boolean {
  const [from, to] = [new URL(issuer), new URL(endpoint)]
  if (to.protocol === 'https:') return true
  if (from.protocol !== 'http:' || to.protocol !== 'http:') return false
  return to.origin === from.origin || (isLoopbackHost(from.hostname) && isLoopbackHost(to.hostname))
}
