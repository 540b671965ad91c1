import type { RequestContext } from '#context'
import { openDeployments, type DeploymentDeps, type Forwarded } from '#deployments'
import { AppError } from '#errors'
import type { FleetDeployment } from '#fleet'
import { ClusterError, isRecord } from '#kube'
import { keyOf } from './model-index.ts'
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
const modelsMs = 5_000
const modelsBytesMax = 256 * 1024
const namesMax = 20_000

/** Calls deployments of one model through their clusters' API servers. */
export function createDeploymentCaller(deps: DeploymentDeps & { targets: Targets }) {
  const { targets } = deps
  /** A model is called what its engine calls it. */
  const names = new Map<string, string>()

  const nameOf = async (ctx: RequestContext, deployment: FleetDeployment): Promise<string> => {
    const key = nameKeyOf(deployment)
    const known = names.get(key)
    if (known !== undefined) return known
    const name = await askName(ctx, deps, deployment)
    // One that does not answer now may be called otherwise once it does.
    if (name === null) return presumedName(deployment)
    if (names.size >= namesMax) names.clear()
    names.set(key, name)
    return name
  }

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
        const model = await nameOf(ctx, of)
        const { proxy } = openDeployments(ctx, deps, 'deployment.chat', of)
        const forwarded = await proxy(
          { service: of.endpoint!.service, port: of.endpoint!.port },
          {
            method: 'POST',
            path: ['v1', ...path],
            headers: { accept, 'content-type': 'application/json' },
            body: Buffer.from(JSON.stringify({ ...body, model })),
            timeoutMs: firstByteMs,
            onSend: () => (wasSent = true),
          },
        )
        const answer = { ...forwarded, provider: of.instance, model: key, release }
        if (forwarded.status !== 503) {
          targets.answered(key)
          return answer
        }
        names.delete(nameKeyOf(of))
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

/** What the engine lists first; null where it does not say. */
async function askName(
  ctx: RequestContext,
  deps: DeploymentDeps,
  deployment: FleetDeployment,
): Promise<string | null> {
  const { port, service } = deployment.endpoint!
  try {
    const { proxy } = openDeployments(ctx, deps, 'deployment.chat', deployment)
    const { body, status } = await proxy(
      { service, port },
      {
        method: 'GET',
        path: ['v1', 'models'],
        headers: { accept: 'application/json' },
        timeoutMs: modelsMs,
      },
    )
    const answer: unknown = JSON.parse(await readText(body, modelsBytesMax))
    if (status !== 200 || !isRecord(answer) || !Array.isArray(answer['data'])) return null
    const [first] = answer['data'] as unknown[]
    return isRecord(first) && typeof first['id'] === 'string' ? first['id'] : null
  } catch {
    // Its call says what is wrong, if anything is.
    return null
  }
}

/** Until its spec names another. */
function nameKeyOf({ model, uid }: FleetDeployment): string {
  return JSON.stringify([uid, model.servedName, model.id])
}

/** The CRD's default for what an engine serves it as. */
function presumedName({ model, name }: FleetDeployment): string {
  return model.servedName ?? model.id?.split('/').at(-1) ?? name
}

export async function readText(
  body: ReadableStream<Uint8Array>,
  bytesMax: number,
): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size >= bytesMax) break
  }
  return Buffer.concat(chunks).subarray(0, bytesMax).toString('utf8')
}
