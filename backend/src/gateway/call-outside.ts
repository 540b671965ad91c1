import type { OutsideProviderConfig } from '#config'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { askUsage, clientGone, type Meter } from '#usage'
import type { Forwarded } from '#serving'
import { askOutside } from './ask-outside.ts'
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
  provider: OutsideProviderConfig,
  { headers, path, text }: Omit<Sent, 'body'>,
): Promise<Forwarded> {
  const { log, signal } = ctx
  const asked = { path: path.join('/'), headers: headers.protocol, text, firstByteMs, signal }
  const response = await askOutside({ fetch, log }, provider, asked)
  const type = response.headers.get('content-type')
  const retryAfter = response.headers.get('retry-after')
  return {
    status: response.status,
    headers: {
      ...(type !== null && { 'content-type': type }),
      ...(retryAfter !== null && { 'retry-after': retryAfter }),
    },
    body: tellBreaks(response.body ?? new Blob([]).stream(), provider.id),
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
