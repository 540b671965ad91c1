import type { RequestContext } from '#context'
import type { Instances } from '#clusters'
import { AppError } from '#errors'
import type { FleetDeployment } from '#fleet'
import { ClusterError } from '#kube'
import { keyOf, openModel, type Forwarded, type ServedNames } from '#serving'
import type { Targets } from './choose-target.ts'

export type Sent = {
  path: readonly [string, ...string[]]
  body: Record<string, unknown>
  accept: string
}

/** What a model answered; `release` once its body has ended. */
export type Answer = Forwarded & {
  provider: string
  model: string
  release: () => void
}

/** Until the first byte: without a stream that is when a whole answer has been made. */
export const firstByteMs = 300_000

/** Calls deployments of one model through their clusters' API servers. */
export function createDeploymentCaller(deps: {
  instances: Instances
  names: ServedNames
  targets: Targets
}) {
  const { names, targets } = deps

  /**
   * Tries one after the other where the request was not sent, or the answer was 503 before anything else: what may have
   * run is not run again. Throws what the last one threw.
   */
  return async function callDeployment(
    ctx: RequestContext,
    deployments: readonly FleetDeployment[],
    { accept, body, path }: Sent,
  ): Promise<Answer> {
    const candidates = targets.order(deployments.map((each) => ({ key: keyOf(each), of: each })))
    let last: { error: unknown } | { answer: Answer } | null = null
    for (const { key, of } of candidates) {
      if (last && 'answer' in last) {
        await last.answer.body.cancel().catch(() => {})
        last.answer.release()
      }
      const release = targets.begin(key)
      let wasSent = false
      try {
        const model = await names.of(ctx, of)
        const forwarded = await openModel(ctx, deps, 'deployment.chat', of).ask({
          method: 'POST',
          path: ['v1', ...path],
          headers: { accept, 'content-type': 'application/json' },
          body: Buffer.from(JSON.stringify({ ...body, model })),
          timeoutMs: firstByteMs,
          onSend: () => (wasSent = true),
        })
        const answer = { ...forwarded, provider: of.instance, model: key, release }
        if (forwarded.status !== 503) {
          targets.answered(key)
          return answer
        }
        names.forget(of)
        targets.failed(key)
        last = { answer }
      } catch (error) {
        release()
        if (ctx.signal.aborted) throw error
        targets.failed(key)
        if (wasSent && !wasNotServed(error)) throw error
        last = { error }
      }
    }
    if (last === null) throw new TypeError('a call needs a deployment')
    if ('answer' in last) return last.answer
    throw last.error
  }
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
