import { AppError } from '#errors'

/** What a whole sign-in may take at the provider, and what one request of it may. */
export const signInTimeoutMs = 10_000
const requestTimeoutMs = 5000
const bodyBytesMax = 1024 * 1024

export type ProviderRequest = {
  url: string
  /** What it is, in a sentence: "The identity provider's … could not be read". */
  what: string
  headers?: Record<string, string>
  /** Makes it a POST. */
  form?: URLSearchParams
  signal?: AbortSignal
}

/** Where the request cannot have arrived: nobody was there to take it. */
const unsentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Whether this says that there was no one to ask, so that nothing can have come of it. */
export function isUnsent(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('code' in each && unsentCodes.has(String(each.code))) return true
  }
  return false
}

export type ProviderAnswer = { status: number; headers: Headers; body: unknown; text: string }

/**
 * One request to an identity provider and its JSON: no redirects, bounded in time and size; a body that is no JSON is
 * null. Throws `provider-unavailable` where there is no answer.
 */
export async function askProvider(
  fetchImpl: typeof fetch,
  request: ProviderRequest,
): Promise<ProviderAnswer> {
  const timeout = AbortSignal.timeout(requestTimeoutMs)
  try {
    const response = await fetchImpl(request.url, {
      redirect: 'error',
      headers: { accept: 'application/json', 'user-agent': 'kubeairunway-hub', ...request.headers },
      signal: request.signal ? AbortSignal.any([request.signal, timeout]) : timeout,
      ...(request.form && { method: 'POST', body: request.form }),
    })
    const text = await readBounded(response)
    return { status: response.status, headers: response.headers, body: parseJson(text), text }
  } catch (cause) {
    throw providerUnavailable(request.what, cause)
  }
}

/** A JSON document that has to be there. Throws `provider-unavailable`. */
export async function fetchDocument(
  fetchImpl: typeof fetch,
  request: ProviderRequest,
): Promise<unknown> {
  const { body, status } = await askProvider(fetchImpl, request)
  if (status !== 200) throw providerUnavailable(request.what, new Error(`status ${status}`))
  if (body === null) throw providerUnavailable(request.what, new Error('the body is no JSON'))
  return body
}

export function providerUnavailable(what: string, cause: unknown): AppError {
  return new AppError('provider-unavailable', {
    detail: `The identity provider's ${what} could not be read. Try again in a moment; if it keeps happening, tell an administrator.`,
    cause,
  })
}

/** Waits for what is shared with others no longer than the signal allows. */
export async function withinBudget<T>(
  work: Promise<T>,
  signal: AbortSignal,
  what: string,
): Promise<T> {
  let onAbort = () => {}
  const expired = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(providerUnavailable(what, signal.reason))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, expired])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
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
