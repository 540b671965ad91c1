import type { ServerOptions } from 'node:http'

/**
 * Balancers keep idle connections for 60 s: whoever closes first must be they, or they send a request into a connection
 * that is closing. A whole request, its body of at most 1 MiB included, has 2 minutes, so that nobody holds one for ever.
 */
export const connectionLimits = {
  keepAliveTimeout: 75_000,
  headersTimeout: 80_000,
  requestTimeout: 120_000,
} satisfies ServerOptions
