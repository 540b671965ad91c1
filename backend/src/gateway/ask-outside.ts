import type { OutsideProviderConfig } from '#config'
import { AppError } from '#errors'
import type { Logger } from '#log'

export type AskOutside = {
  fetch: typeof globalThis.fetch
  log: Pick<Logger, 'error' | 'warn'>
}

type Asked = {
  path: string
  headers?: Readonly<Record<string, string>>
  /** Makes it a POST of JSON. */
  text?: string
  /** Until the answer begins. */
  firstByteMs: number
  signal: AbortSignal
}

/**
 * One request to a provider outside, with the hub's own key: an answer that is no redirect, and no refusal of the key. Throws
 * `instance-unreachable`, `instance-timeout`, `instance-unauthorized`, `instance-error`.
 */
export async function askOutside(
  { fetch, log }: AskOutside,
  { apiKey, id, keyName, scheme, url }: OutsideProviderConfig,
  { firstByteMs, headers, path, signal, text }: Asked,
): Promise<Response> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), firstByteMs)
  let response: Response
  try {
    response = await fetch(`${url}/${path}`, {
      headers: {
        ...(scheme === 'x-api-key' && { 'anthropic-version': '2023-06-01' }),
        ...headers,
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...(apiKey !== null &&
          (scheme === 'bearer' ? { authorization: `Bearer ${apiKey}` } : { 'x-api-key': apiKey })),
      },
      ...(text !== undefined && { method: 'POST', body: text }),
      redirect: 'manual',
      signal: AbortSignal.any([signal, late.signal]),
    })
  } catch (error) {
    const [code, what] = late.signal.aborted
      ? (['instance-timeout', 'did not answer in time'] as const)
      : (['instance-unreachable', 'cannot be reached'] as const)
    const reason = error instanceof Error ? error.name : null
    // What fetch says may quote the address with what stands in it. Of a caller who left there is nothing to say.
    if (!signal.aborted) log.warn({ provider: id, reason }, 'a provider outside did not answer')
    throw new AppError(code, { detail: `Provider "${id}" ${what}. Try again, or choose another.` })
  } finally {
    clearTimeout(timer)
  }
  const { status } = response
  if (status === 401 || status === 403) {
    await response.body?.cancel()
    log.error({ provider: id, status }, 'a provider outside refuses the key')
    const [what, verb] =
      apiKey === null ? ['wants a key', 'set'] : ["refuses the hub's key", 'replace']
    throw new AppError('instance-unauthorized', {
      detail: `Provider "${id}" ${what}. An administrator has to ${verb} ${keyName}.`,
    })
  }
  if (status >= 300 && status < 400) {
    await response.body?.cancel()
    throw new AppError('instance-error', {
      detail: `Provider "${id}" leads elsewhere, and the hub does not follow. An administrator has to correct its address.`,
    })
  }
  return response
}
