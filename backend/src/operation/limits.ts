import type { Config } from '#config'

/** Limits of their own that operations declare, besides the general one of each caller. */
export type LimitName = 'login' | 'setup' | 'tokens'

/** Requests a minute and address: they cost more than a look-up, or what they take could be guessed at. */
export function readLimits({
  requestsPerMinute,
}: Pick<Config, 'requestsPerMinute'>): Record<LimitName, number> {
  return { login: requestsPerMinute.login, setup: 10, tokens: 60 }
}
