import { AppError } from '#errors'

export const providerTimeoutMs = 5000
const bodyBytesMax = 256 * 1024

/** A JSON document of an identity provider: no redirects, bounded in time and size. Throws `provider-unavailable`. */
export async function fetchJson(
  fetchImpl: typeof fetch,
  url: string,
  what: string,
): Promise<unknown> {
  try {
    const response = await fetchImpl(url, {
      redirect: 'error',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(providerTimeoutMs),
    })
    if (response.status !== 200) throw new Error(`status ${response.status}`)
    return JSON.parse(await readBounded(response))
  } catch (cause) {
    throw providerUnavailable(what, cause)
  }
}

export function providerUnavailable(what: string, cause: unknown): AppError {
  return new AppError('provider-unavailable', {
    detail: `The identity provider's ${what} could not be read. Try again in a moment; if it stays, tell an administrator.`,
    cause,
  })
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > bodyBytesMax) throw new Error(`larger than ${bodyBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
