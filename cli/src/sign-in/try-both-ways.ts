import type { ProviderFetch } from './provider-fetch.ts'

/**
 * A provider lists by which ways it takes secrets, and a client may be registered for one of them: where the first is refused,
 * the other is tried, as kubectl's programs in Go do.
 */
export function tryBothWays(
  ask: ProviderFetch['fetch'],
  client: { clientId: string; clientSecret: string },
): ProviderFetch['fetch'] {
  return async (url, init) => {
    const answer = await ask(url, init)
    const { body } = init
    if (!(body instanceof URLSearchParams) || !(await isClientRefused(answer))) return answer
    return await ask(url, { ...init, ...toOtherWay(new Headers(init.headers), body, client) })
  }
}

async function isClientRefused(answer: Response): Promise<boolean> {
  if (answer.status !== 400 && answer.status !== 401) return false
  try {
    const said = (await answer.clone().json()) as { error?: unknown } | null
    return said?.error === 'invalid_client'
  } catch {
    return false
  }
}

/** RFC 6749 §2.3.1: in the header, or in the body. */
function toOtherWay(
  headers: Headers,
  sent: URLSearchParams,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
): { headers: Headers; body: URLSearchParams } {
  const body = new URLSearchParams(sent)
  if (headers.has('authorization')) {
    headers.delete('authorization')
    body.set('client_id', clientId)
    body.set('client_secret', clientSecret)
  } else {
    body.delete('client_id')
    body.delete('client_secret')
    const pair = [clientId, clientSecret].map(encodeForm).join(':')
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`)
  }
  return { headers, body }
}

function encodeForm(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}
