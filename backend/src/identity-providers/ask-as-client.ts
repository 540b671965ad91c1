import type { ClientAuthMethod } from '#config'
import { basicCredentials } from './basic-credentials.ts'
import { askProvider, type ProviderAnswer, type ProviderRequest } from './bounded-fetch.ts'

export type Client = {
  fetch: typeof fetch
  clientId: string
  clientSecret: string | null
  /** The ways of showing the secret, in the order in which they are tried. */
  methods: readonly ClientAuthMethod[]
}

/**
 * Asks as a client (RFC 6749 §2.3), with its secret where it has one: one way, and the next where the client itself was not
 * known that way. `method` is the one that was taken. Throws `provider-unavailable`.
 */
export async function askAsClient(
  { clientId, clientSecret, fetch, methods }: Client,
  { form: parameters, ...request }: ProviderRequest & { form: URLSearchParams },
): Promise<ProviderAnswer & { method: ClientAuthMethod | null }> {
  const ask = (method: ClientAuthMethod | null) => {
    const form = new URLSearchParams(parameters)
    if (method !== 'client_secret_basic') form.set('client_id', clientId)
    if (method === 'client_secret_post') form.set('client_secret', clientSecret ?? '')
    const authorization = basicCredentials(clientId, clientSecret ?? '')
    const headers = method === 'client_secret_basic' ? { authorization } : {}
    return askProvider(fetch, { ...request, form, headers })
  }
  const [first = null, ...others] = clientSecret === null ? [] : methods
  const refused = await ask(first)
  if (!isClientUnknown(refused)) return { ...refused, method: first }
  for (const method of others) {
    const answer = await ask(method)
    if (!isClientUnknown(answer)) return { ...answer, method }
  }
  // What the first way was told is what helps.
  return { ...refused, method: null }
}

/** RFC 6749 §5.2; Keycloak says `unauthorized_client` of a secret that is wrong. */
function isClientUnknown({ body, status }: ProviderAnswer): boolean {
  if (typeof body !== 'object' || body === null) return false
  const { error } = body as { error?: unknown }
  return error === 'invalid_client' || (error === 'unauthorized_client' && status === 401)
}
