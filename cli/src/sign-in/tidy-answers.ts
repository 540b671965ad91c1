import type { ProviderFetch } from './provider-fetch.ts'

/**
 * A provider's answers as the standards have them, where it writes them otherwise and other clients do not mind: nothing that
 * is null or empty in them, the type of token that is the only one, numbers that are none, and Google's name for the address
 * of a device code.
 */
export function tidyAnswers(ask: ProviderFetch['fetch']): ProviderFetch['fetch'] {
  return async (url, init) => {
    const answer = await ask(url, init)
    const body = parse(await answer.clone().text())
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return answer
    const { headers, status, statusText } = answer
    return new Response(JSON.stringify(conform({ ...body })), { headers, status, statusText })
  }
}

function conform(answer: Record<string, unknown>): Record<string, unknown> {
  const said = withoutEmpty(answer)
  const interval = Number(said['interval'])
  return {
    ...(said['access_token'] !== undefined && { token_type: 'Bearer' }),
    ...(said['verification_url'] !== undefined && { verification_uri: said['verification_url'] }),
    ...said,
    interval: interval > 0 ? interval : undefined,
  }
}

function withoutEmpty(members: object): Record<string, unknown> {
  const said = Object.entries(members).filter(([, value]) => value !== null && value !== '')
  return Object.fromEntries(said.map(([name, value]) => [name, tidy(value)]))
}

function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy)
  return typeof value === 'object' && value !== null ? withoutEmpty(value) : value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
