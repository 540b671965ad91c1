import type { ChatAnswer, ChatEvent, ChatInput } from '@hub/shared'
import { recordAudit } from '#audit'
import { isConcerned, type RequestContext } from '#context'
import { AppError } from '#errors'
import type { FleetDeployment } from '#fleet'
import { sleep, type Timing } from '#kube'
import { limitPlaces } from '#operation'
import { authorize } from '#rbac'
import {
  allNamesOf,
  isReady,
  openModel,
  type ModelDeps,
  type ModelRules,
  type ServedNames,
} from '#serving'
import { clientGone, describeUse, type Meter, type Use } from '#usage'
import { checkAccess, recheckMs, type Rechecking } from '../check-access.ts'
import type { DeploymentCoordinates, DeploymentDeps } from '../deps.ts'
import { deploymentNotFound, requireDeployment } from '../get.ts'
import { askModel, presentError, type ChatLimits } from './ask-model.ts'
import { collectAnswer } from './collect-answer.ts'
import { measureAnswer, type AnswerMeter } from './measure-answer.ts'
import { streamEvents } from './stream-events.ts'

export type ChatDeps = Pick<DeploymentDeps, 'fleet'> &
  ModelDeps &
  Rechecking & {
    names: ServedNames
    rules: ModelRules
    meter: Meter
    timing: Timing
    limits?: ChatLimits
  }

export type DeploymentChat = {
  /**
   * What a model answers, for whoever may use it. Throws what `authorize` throws, `not-found` for what is not there or what
   * `ALLOWED_MODELS` and `DISALLOWED_MODELS` keep away, `instance-not-ready` for what does not answer yet,
   * `too-many-streams`, and `too-many-requests` where the caller's roles allow no more now. Whatever fails later is the stream's last event.
   */
  open(
    ctx: RequestContext,
    at: DeploymentCoordinates,
    input: ChatInput,
  ): Promise<ReadableStream<Uint8Array>>
  /** The same once it is whole. What fails while it comes is thrown as well. */
  answer(ctx: RequestContext, at: DeploymentCoordinates, input: ChatInput): Promise<ChatAnswer>
}

const chatsPerPersonMax = 16
const defaultLimits: ChatLimits = { firstByteMs: 300_000, silenceMs: 120_000 }

type Ending = { reason: string | null; failed: string | null; status: number }

export function createDeploymentChat(deps: ChatDeps): DeploymentChat {
  const { limits = defaultLimits, meter: usage, names, timing } = deps
  const takePlace = limitPlaces({
    most: chatsPerPersonMax,
    detail: `You have ${chatsPerPersonMax} answers coming already. Wait for one of them, or stop it.`,
  })

  async function* answer(
    ctx: RequestContext,
    deployment: FleetDeployment,
    { input, left, use }: { input: ChatInput; left: AbortController; use: Use },
  ): AsyncGenerator<ChatEvent> {
    const meter = measureAnswer(timing.now)
    const ending: Ending = { reason: 'stopped', failed: null, status: clientGone }
    try {
      const model = openModel(ctx, deps, 'deployment.chat', deployment)
      const servedName = await names.of(ctx, deployment)
      const asked = { limits, signal: left.signal }
      for await (const chunk of askModel(model, servedName, input, asked)) {
        meter.take(chunk)
        if (chunk.reasoning !== '') yield { type: 'reasoning', text: chunk.reasoning }
        if (chunk.text !== '') yield { type: 'delta', text: chunk.text }
        if (chunk.finishReason !== null) yield { type: 'finish', reason: chunk.finishReason }
      }
      ending.reason = null
      ending.status = 200
      yield meter.tell()
    } catch (error) {
      const told: unknown = left.signal.aborted ? left.signal.reason : error
      if (left.signal.aborted && !(told instanceof AppError)) return
      // It may be called otherwise by now.
      names.forget(deployment)
      const { code, detail } = presentError(told)
      if (code === 'internal') ctx.log.error({ error }, 'a chat failed')
      ending.failed = code
      ending.status = 502
      yield { type: 'error', code, detail }
    } finally {
      countUse(use, meter, ending)
      await recordChat(ctx, deployment, meter, ending)
    }
  }

  const start = async (
    ctx: RequestContext,
    at: DeploymentCoordinates,
    input: ChatInput,
  ): Promise<{ events: AsyncGenerator<ChatEvent>; leave: () => void; onEnd: () => void }> => {
    const deployment = requireUsable(ctx, deps, at)
    const giveBack = takePlace(ctx)
    const use = await usage.begin(ctx, describeUse(deployment)).catch((error: unknown) => {
      giveBack()
      throw error
    })
    const left = new AbortController()
    const release = keepAccess(ctx, deps, at, left)
    const leave = () => left.abort()
    ctx.signal.addEventListener('abort', leave)
    const onEnd = () => {
      giveBack()
      release()
      // What was not asked at all.
      use.cancelled()
      ctx.signal.removeEventListener('abort', leave)
    }
    return { events: answer(ctx, deployment, { input, left, use }), leave, onEnd }
  }

  return {
    open: async (ctx, at, input) => {
      const { events, leave, onEnd } = await start(ctx, at, input)
      return streamEvents(events, { onLeft: leave, onEnd, timing })
    },
    answer: async (ctx, at, input) => {
      const { events, onEnd } = await start(ctx, at, input)
      try {
        return await collectAnswer(events)
      } finally {
        onEnd()
      }
    },
  }
}

function requireUsable(
  ctx: RequestContext,
  deps: ChatDeps,
  at: DeploymentCoordinates,
): FleetDeployment {
  authorize(ctx, 'deployment.chat', at)
  const deployment = requireDeployment(ctx, deps, at)
  if (!deps.rules.allow(allNamesOf(deployment))) throw deploymentNotFound(at)
  if (isReady(deployment)) return deployment
  throw new AppError('instance-not-ready', {
    detail: `Deployment "${at.name}" does not answer yet. ${deployment.sentence}`,
    retryAfterSeconds: 10,
  })
}

/** Ends an answer whose reader may not have it any more. Returns what stops that. */
function keepAccess(
  ctx: RequestContext,
  deps: ChatDeps,
  at: DeploymentCoordinates,
  left: AbortController,
): () => void {
  const stopped = new AbortController()
  const using = { at, permission: 'deployment.chat', what: 'use it' } as const
  const recheck = () =>
    checkAccess(ctx, deps, using, (detail) => left.abort(new AppError('forbidden', { detail })))
  const withdraw = deps.onAccessChange((change) => {
    if (isConcerned(ctx.actor, change)) void recheck()
  })
  const goOn = async () => {
    for (;;) {
      await sleep(deps.timing, recheckMs, stopped.signal)
      if (stopped.signal.aborted) return
      await recheck()
    }
  }
  void goOn()
  return () => {
    withdraw()
    stopped.abort()
  }
}

/** By whom it was used, as the gateway counts it. */
function countUse(use: Use, meter: AnswerMeter, { status }: Ending): void {
  const { completionTokens, firstTokenMs, promptTokens } = meter.tell()
  use.ended({
    status,
    promptTokens: promptTokens ?? 0,
    completionTokens: completionTokens ?? 0,
    firstByteMs: firstTokenMs,
  })
}

/** Who asked which model, and how much; nothing of what was said. */
async function recordChat(
  ctx: RequestContext,
  { instance, name, namespace }: FleetDeployment,
  meter: AnswerMeter,
  { failed, reason }: Ending,
): Promise<void> {
  const { completionTokens, promptTokens } = meter.tell()
  try {
    await recordAudit(ctx, {
      action: 'deployment.chat',
      outcome: failed === null ? 'success' : 'failure',
      target: { instance, namespace, name },
      after: { promptTokens, completionTokens },
      ...((failed ?? reason) !== null && { reason: failed ?? reason! }),
    })
  } catch (error) {
    ctx.log.error({ error }, 'the audit row of a chat could not be written')
  }
}
