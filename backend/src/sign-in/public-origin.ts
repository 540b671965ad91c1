import type { Config } from '#config'
import { AppError } from '#errors'

/** Under which a browser asks, as far as its request says. */
export type Address = { host: string | undefined; protocol: 'http' | 'https' | null }

/**
 * The origin under which this browser reaches the hub: the configured one, or the request's Host where it is allowed.
 * Throws `host-not-allowed`.
 */
export function resolvePublicOrigin(
  config: Pick<Config, 'publicOrigin' | 'production'>,
  { host, protocol }: Address,
): string {
  const { publicOrigin } = config
  if ('origin' in publicOrigin) return publicOrigin.origin
  if (host !== undefined && publicOrigin.hosts.has(host.toLowerCase())) {
    return `${config.production ? 'https' : (protocol ?? 'http')}://${host.toLowerCase()}`
  }
  throw new AppError('host-not-allowed', {
    detail: `The hub does not answer for "${(host ?? '').slice(0, 100)}". Open it under its own address; an operator sets it with AUTH_CALLBACK_URL or ALLOWED_HOSTS.`,
  })
}

/** Whether an Origin header names the hub itself. */
export function isOwnOrigin(
  config: Pick<Config, 'publicOrigin' | 'production'>,
  origin: string,
  address: Address,
): boolean {
  try {
    return origin === resolvePublicOrigin(config, address)
  } catch {
    return false
  }
}
