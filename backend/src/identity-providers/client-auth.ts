import type { ClientAuthMethod } from '#config'
import { basicCredentials } from './basic-credentials.ts'
import { proveByAssertion } from './client-assertion.ts'
import type { ClientAuthOptions, ClientProof, TakenProofs } from './client-proof.ts'

/** How a client proves who it is (OpenID Connect Core 1.0 §9), at whichever endpoint of a provider. */
export type ClientAuth = {
  /** The ways to try, in this order. Throws `provider-unavailable` with a ProofFault for its cause. */
  prove(provider: TakenProofs): Promise<readonly [ClientProof, ...ClientProof[]]>
  /** The provider took this one: its way is the first from now on. */
  note(proof: ClientProof): void
}

/**
 * By the configuration, or by what the provider's metadata lists. A secret is shown the other way after that: metadata is wrong
 * at times, and whether a client is known is asked before its code is looked at (RFC 6749 §3.2.1), so a second try costs nothing.
 */
export function createClientAuth(options: ClientAuthOptions): ClientAuth {
  const { clientId, credential, log, method: setting = 'auto' } = options
  let taken: ClientAuthMethod | null = null
  return {
    async prove(provider) {
      if (credential === null) return [{ method: null, form: { client_id: clientId } }]
      if (credential.type !== 'secret') {
        return [await proveByAssertion({ ...options, credential }, provider)]
      }
      const show = (method: ClientAuthMethod) => showSecret(clientId, credential.secret, method)
      if (setting !== 'auto') return [show(setting)]
      const first = taken ?? choose(provider.authMethods)
      const second = first === 'client_secret_basic' ? 'client_secret_post' : 'client_secret_basic'
      return [show(first), show(second)]
    },
    note({ method }) {
      if (method === null || taken === method) return
      taken = method
      const variable = credential?.type === 'secret' ? undefined : credential?.variable
      log?.info({ clientId, method, variable }, "the provider's token endpoint knows the hub")
    },
  }
}

function showSecret(clientId: string, secret: string, method: ClientAuthMethod): ClientProof {
  return method === 'client_secret_basic'
    ? { method, form: {}, headers: { authorization: basicCredentials(clientId, secret) } }
    : { method, form: { client_id: clientId, client_secret: secret } }
}

/** Basic where nothing is said, and where it is one of several. */
function choose(supported: readonly string[] | null): ClientAuthMethod {
  if (supported === null || supported.includes('client_secret_basic')) return 'client_secret_basic'
  return supported.includes('client_secret_post') ? 'client_secret_post' : 'client_secret_basic'
}
