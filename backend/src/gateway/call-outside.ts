import type { OutsideProviderConfig } from '#config'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { askUsage, clientGone, type Meter } from '#usage'
import type { Forwarded } from '#serving'
import { setMembers } from './set-members.ts'
import { firstByteMs, type Answer, type Sent } from './call-deployment.ts'

type Deps = { fetch: typeof globalThis.fetch; meter: Meter }

/**
 * Calls a provider outside with the hub's own key. Throws `too-many-requests`, `instance-unreachable`, `instance-timeout`,
 * `instance-unauthorized`, `instance-error`.
 */
export async function callOutside(
  ctx: RequestContext,
  { fetch, meter }: Deps,
  provider: OutsideProviderConfig,
  model: string,
  sent: Sent,
): Promise<Answer> {
  const { id } = provider
  const use = await meter.begin(ctx, { instance: id, namespace: null, deployment: null, model })
  const begunAt = performance.now()
  // Those that refuse what they do not know tell a stream's usage unasked.
  const { isAdded, set } = provider.tellsUsage
    ? { set: {}, isAdded: false }
    : askUsage(sent.path, sent.body)
  try {
    const answer = await ask(ctx, fetch, provider, {
      ...sent,
      text: setMembers(sent.text, { ...set, model }),
    })
    const chosen = { provider: id, model, isUsageAdded: isAdded, begunAt, sentAt: null }
    return { ...answer, ...chosen, release: () => {}, use }
  } catch (error) {
    use.ended({ status: ctx.signal.aborted ? clientGone : 502 })
    throw error
  }
}

async function ask(
  ctx: RequestContext,
  fetch: Deps['fetch'],
  { apiKey, id, scheme, url }: OutsideProviderConfig,
  { headers, path, text }: Omit<Sent, 'body'>,
): Promise<Forwarded> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), firstByteMs)
  let response: Response
  try {
    response = await fetch(`${url}/${path.join('/')}`, {
      method: 'POST',
      headers: {
        ...(scheme === 'x-api-key' && { 'anthropic-version': '2023-06-01' }),
        ...headers.protocol,
        'content-type': 'application/json',
        ...(scheme === 'bearer' ? { authorization: `Bearer ${apiKey}` } : { 'x-api-key': apiKey }),
      },
      body: text,
      redirect: 'manual',
      signal: AbortSignal.any([ctx.signal, late.signal]),
    })
  } catch (error) {
    const [code, what] = late.signal.aborted
      ? (['instance-timeout', 'did not answer in time'] as const)
      : (['instance-unreachable', 'cannot be reached'] as const)
    const reason = error instanceof Error ? error.name : null
    // What fetch says may quote the address with what stands in it. Of a caller who left there is nothing to say.
    if (!ctx.signal.aborted) {
      ctx.log.warn({ provider: id, reason }, 'a provider outside did not answer')
    }
    throw new AppError(code, { detail: `Provider "${id}" ${what}. Try again, or choose another.` })
  } finally {
    clearTimeout(timer)
  }
  if (response.status === 401 || response.status === 403) {
    await response.body?.cancel()
    ctx.log.error({ provider: id, status: response.status }, 'a provider outside refuses the key')
    throw new AppError('instance-unauthorized', {
      detail: `Provider "${id}" refuses the hub's key. An administrator has to replace ${id.toUpperCase().replaceAll('-', '_')}_API_KEY.`,
    })
  }
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel()
    throw new AppError('instance-error', {
      detail: `Provider "${id}" leads elsewhere, and the hub does not follow. An administrator has to correct its address.`,
    })
  }
  const type = response.headers.get('content-type')
  const retryAfter = response.headers.get('retry-after')
  return {
    status: response.status,
    headers: {
      ...(type !== null && { 'content-type': type }),
      ...(retryAfter !== null && { 'retry-after': retryAfter }),
    },
    body: tellBreaks(response.body ?? new Blob([]).stream(), id),
  }
}

/** What fetch says of a body that breaks off is nothing for a caller, and no fault of the hub's. */
function tellBreaks(body: ReadableStream<Uint8Array>, id: string): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch {
          throw new AppError('instance-unreachable', {
            detail: `Provider "${id}" stopped in the middle of its answer. Ask again, or choose another.`,
          })
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
