import type { RequestContext } from '#context'
import { AppError } from '#errors'
import type { FleetDeployment } from '#fleet'
import { ClusterError } from '#kube'
import { keyOf, openModel, type Forwarded, type ModelDeps, type ServedNames } from '#serving'
import { askUsage, clientGone, describeUse, type Meter, type Use } from '#usage'
import type { CallHeaders } from './call-headers.ts'
import type { Targets } from './choose-target.ts'
import { setMembers } from './set-members.ts'

export type Sent = {
  path: readonly [string, ...string[]]
  /** As the client wrote it, and what it says. */
  text: string
  body: Record<string, unknown>
  headers: CallHeaders
}

/** What a model answered; `release` once its body has ended, and `use` is ended with it. */
export type Answer = Forwarded & {
  provider: string
  model: string
  release: () => void
  use: Use
  /** The hub asked for the usage of a stream, and its client did not. */
  isUsageAdded: boolean
  /** By `performance.now()`: when it was let in, and when it began to be written, where that is known. */
  begunAt: number
  sentAt: number | null
}

/** Until the first byte: without a stream that is when a whole answer has been made. */
export const firstByteMs = 300_000

/** Calls deployments of one model through their clusters' API servers. */
export function createDeploymentCaller(
  deps: ModelDeps & { names: ServedNames; targets: Targets; meter: Meter },
) {
  const { meter, names, targets } = deps

  /**
   * Tries one after the other where the request was not sent, or the answer was 503 before anything else: what may have
   * run is not run again. Throws what the last one threw.
   */
  return async function callDeployment(
    ctx: RequestContext,
    deployments: readonly FleetDeployment[],
    sent: Sent,
  ): Promise<Answer> {
    const { headers, path, text } = sent
    const { isAdded, set } = askUsage(path, sent.body)
    let left = deployments.map((each) => ({ key: keyOf(each), of: each }))
    let last: Tried | null = null
    while (isAny(left)) {
      const { key, of, release } = targets.take(left)
      left = left.filter((each) => each.key !== key)
      let use: Use
      try {
        use = await meter.begin(ctx, describeUse(of))
      } catch (error) {
        release()
        last ??= { error, use: null }
        continue
      }
      if (last) await leave(last)
      const begunAt = performance.now()
      let sentAt: number | null = null
      try {
        const model = await names.of(ctx, of)
        const forwarded = await openModel(ctx, deps, 'deployment.chat', of).ask({
          method: 'POST',
          path: ['v1', ...path],
          headers: { ...headers.protocol, ...headers.trace, 'content-type': 'application/json' },
          body: Buffer.from(setMembers(text, { ...set, model })),
          timeoutMs: firstByteMs,
          onSend: () => (sentAt = performance.now()),
        })
        const chosen = { provider: of.instance, model: key, isUsageAdded: isAdded }
        const answer = { ...forwarded, ...chosen, begunAt, sentAt, release, use }
        // It may have been started again, with another name.
        if (forwarded.status === 404) names.forget(of)
        if (forwarded.status !== 503) {
          targets.answered(key)
          return answer
        }
        names.forget(of)
        targets.failed(key)
        last = { answer }
      } catch (error) {
        release()
        const wasSent = sentAt !== null
        if (!ctx.signal.aborted) targets.failed(key, wasSent ? undefined : retryAfterMs(error))
        if (ctx.signal.aborted || (wasSent && !wasNotServed(error))) {
          use.ended({ status: ctx.signal.aborted ? clientGone : 502 })
          throw error
        }
        last = { error, use }
      }
    }
    if (last === null) throw new TypeError('a call needs a deployment')
    if ('answer' in last) return last.answer
    last.use?.ended({ status: 502 })
    throw last.error
  }
}

type Tried = { error: unknown; use: Use | null } | { answer: Answer }

function isAny<T>(items: T[]): items is [T, ...T[]] {
  return items.length > 0
}

/** Nobody asked it: its cluster's breaker is open, or too many wait for it. That it says again proves nothing new. */
function retryAfterMs(error: unknown): number | undefined {
  const cause = error instanceof AppError ? error.cause : error
  if (!(cause instanceof ClusterError) || cause.retryAfterSeconds === null) return undefined
  return cause.retryAfterSeconds * 1000
}

/** It is tried elsewhere. */
async function leave(last: Tried): Promise<void> {
  if ('error' in last) return last.use?.cancelled()
  await last.answer.body.cancel().catch(() => {})
  last.answer.release()
  last.answer.use.cancelled()
}

/** The API server found nobody to pass it on to. */
function wasNotServed(error: unknown): boolean {
  const cause = error instanceof AppError ? error.cause : error
  if (!(cause instanceof ClusterError)) return false
  if (cause.status === null) return false
  return (
    cause.status === 503 && /no endpoints|connection refused|no route|dial /.test(cause.message)
  )
}
