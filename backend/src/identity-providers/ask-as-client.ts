import { askProvider, type ProviderAnswer, type ProviderRequest } from './bounded-fetch.ts'
import type { ClientAuth } from './client-auth.ts'
import type { ClientProof, TakenProofs } from './client-proof.ts'
import { hasError } from './read-token.ts'

export type Client = {
  fetch: typeof fetch
  clientAuth: ClientAuth
  provider: TakenProofs
}

/**
 * Asks as a client (RFC 6749 §2.3): one way of proving that, and the next where the client itself was not known that way.
 * Throws `provider-unavailable`, also with a ProofFault for its cause.
 */
export async function askAsClient(
  { clientAuth, fetch, provider }: Client,
  { form, ...request }: ProviderRequest & { form: URLSearchParams },
): Promise<ProviderAnswer> {
  const ask = (proof: ClientProof) =>
    askProvider(fetch, {
      ...request,
      form: new URLSearchParams([...form, ...Object.entries(proof.form)]),
      ...(proof.headers && { headers: proof.headers }),
    })
  const [first, ...others] = await clientAuth.prove(provider)
  const refused = await ask(first)
  if (!isClientUnknown(refused)) return note(clientAuth, first, refused)
  for (const proof of others) {
    const answer = await ask(proof)
    if (!isClientUnknown(answer)) return note(clientAuth, proof, answer)
  }
  // What the first way was told is what helps.
  return refused
}

/** What does not answer the question says nothing of the client either. */
function note(clientAuth: ClientAuth, proof: ClientProof, answer: ProviderAnswer): ProviderAnswer {
  const { body, status } = answer
  const isAnswered = typeof body === 'object' && body !== null
  if (isAnswered && (status < 300 || (status < 500 && hasError(body)))) clientAuth.note(proof)
  return answer
}

/** RFC 6749 §5.2; Keycloak says `unauthorized_client` of a secret that is wrong. */
function isClientUnknown({ body, status }: ProviderAnswer): boolean {
  if (typeof body !== 'object' || body === null) return false
  const { error } = body as { error?: unknown }
  return error === 'invalid_client' || (error === 'unauthorized_client' && status === 401)
}
