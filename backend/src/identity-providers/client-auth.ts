import type { ClientAuthMethod } from '#config'
import type { Logger } from '#log'

/** How the client shows its secret at the token endpoint (OpenID Connect Core 1.0 §9). */
export type ClientAuth = {
  /** The ways to try, in this order; `supported` is what the provider's metadata lists. */
  methods(supported: readonly string[] | null): readonly ClientAuthMethod[]
  /** The provider took it this way: it is the first from now on. */
  note(method: ClientAuthMethod): void
}

/** Where the provider takes one way, and its documentation says which. */
export function fixedClientAuth(method: ClientAuthMethod): ClientAuth {
  return { methods: () => [method], note() {} }
}

/**
 * By the configuration, or by what the provider's metadata lists, with the other way after it: metadata is wrong at times, and
 * whether a client is known is asked before its code is looked at (RFC 6749 §3.2.1), so a second try costs nothing.
 */
export function createClientAuth(
  setting: ClientAuthMethod | 'auto',
  log?: Pick<Logger, 'info'>,
): ClientAuth {
  let taken: ClientAuthMethod | null = null
  return {
    methods(supported) {
      if (setting !== 'auto') return [setting]
      const first = taken ?? choose(supported)
      return first === 'client_secret_basic'
        ? [first, 'client_secret_post']
        : [first, 'client_secret_basic']
    },
    note(method) {
      if (taken === method) return
      taken = method
      log?.info({ method }, "the OpenID provider's token endpoint takes the client's secret")
    },
  }
}

/** Basic where nothing is said, and where it is one of several. */
function choose(supported: readonly string[] | null): ClientAuthMethod {
  if (supported === null || supported.includes('client_secret_basic')) return 'client_secret_basic'
  return supported.includes('client_secret_post') ? 'client_secret_post' : 'client_secret_basic'
}
