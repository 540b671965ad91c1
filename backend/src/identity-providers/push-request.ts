import type { ProviderAnswer } from './bounded-fetch.ts'
import { readToken } from './read-token.ts'

/**
 * For a provider that takes authorization requests in advance alone (RFC 9126 §2): all of it goes there by `push`, and the
 * browser brings a reference along. `url` is null where the provider's answer has none.
 */
export async function pushRequest<Answer extends Pick<ProviderAnswer, 'body'>>({
  authorizationEndpoint,
  clientId,
  push,
  request,
}: {
  authorizationEndpoint: string
  clientId: string
  push: (form: URLSearchParams) => Promise<Answer>
  request: URL
}): Promise<{ answer: Answer; url: URL | null }> {
  const url = new URL(authorizationEndpoint)
  const form = new URLSearchParams(request.searchParams)
  for (const name of url.searchParams.keys()) form.delete(name)
  const answer = await push(form)
  const { body } = answer
  const reference =
    typeof body === 'object' && body !== null ? readToken(body, 'request_uri') : null
  if (reference === null) return { answer, url: null }
  url.searchParams.set('client_id', clientId)
  url.searchParams.set('request_uri', reference)
  return { answer, url }
}
