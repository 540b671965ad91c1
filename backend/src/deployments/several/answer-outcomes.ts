import type { TargetOutcome, TargetOutcomes } from '@hub/shared'
import type { RequestContext } from '#context'
import { beat, eventStream, writeEvent } from '#event-stream'
import { systemTiming } from '#kube'
import type { ByteStream, Input, InputSchemas, Repeat } from '#operation'
import { runTarget, type Task } from './run-target.ts'
import { runTargets } from './run-targets.ts'

/** Proxies end what is silent for much longer. */
const aliveEveryMs = 15_000

export type OutcomeOptions = Pick<Input<InputSchemas>, 'repeat' | 'wantsEvents'>

/**
 * Does all of them and answers what came of each, in their order; or for who accepts a stream, each as it comes. What was
 * begun is done, whoever goes on listening.
 */
export async function answerOutcomes(
  ctx: RequestContext,
  tasks: readonly Task[],
  { repeat, wantsEvents }: OutcomeOptions,
): Promise<TargetOutcomes | ByteStream> {
  const items: TargetOutcome[] = []
  const doAll = (tell: (outcome: TargetOutcome) => void) =>
    runTargets(
      tasks,
      async (task, index) => {
        const outcome = await runTarget(ctx, task, repeat)
        items[index] = outcome
        tell(outcome)
      },
      systemTiming,
    )
  if (wantsEvents) {
    return { type: eventStream, body: streamOutcomes(doAll, items, repeat) }
  }
  await doAll(() => {})
  return { items }
}

function streamOutcomes(
  doAll: (tell: (outcome: TargetOutcome) => void) => Promise<void>,
  items: readonly TargetOutcome[],
  repeat: Repeat | undefined,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let isRead = true
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      const write = (text: string) => isRead && controller.enqueue(encoder.encode(text))
      const stayAlive = (): unknown =>
        systemTiming.setTimeout(() => {
          write(beat)
          alive = stayAlive()
        }, aliveEveryMs)
      let alive = stayAlive()
      void doAll((outcome) => write(writeEvent('outcome', JSON.stringify(outcome)))).then(
        async () => {
          systemTiming.clearTimeout(alive)
          await repeat?.release()
          write(writeEvent('end', JSON.stringify(countOutcomes(items))))
          if (isRead) controller.close()
        },
      )
    },
    cancel: () => {
      isRead = false
    },
  })
}

function countOutcomes(items: readonly TargetOutcome[]) {
  const count = (outcome: TargetOutcome['outcome']) =>
    items.filter((each) => each.outcome === outcome).length
  return { done: count('done'), failed: count('failed'), unknown: count('unknown') }
}
