import type { RequestContext } from '#context'
import { asAppError, type AppError } from '#errors'
import type { Asked, Keys } from './keys.ts'
import type { Repeat } from './repeat.ts'

export type Answer = { status: number; text: string; isRepeated: boolean }

/** Codes of refusals before anything was done; others may have been refused by what was done. */
const isRefusal = ({ code, outcome }: AppError) => outcome !== 'unknown' && code !== 'internal'

/**
 * Runs what a key names unless it is done, and keeps its answer for those who ask again. What was refused is forgotten;
 * what nobody knows the outcome of is run again with the ids of the tries before, to see what came of them. `authorize`
 * decides whether the caller may still have the answer of before. Throws what `run`, `authorize` and `Keys.take` throw.
 */
export async function runOnce(
  ctx: RequestContext,
  keys: Keys,
  asked: Asked,
  {
    authorize,
    run,
  }: {
    authorize: () => void
    run: (repeat: Repeat) => Promise<Omit<Answer, 'isRepeated'>>
  },
): Promise<Answer> {
  const taken = await keys.take(ctx, asked)
  if ('text' in taken) {
    authorize()
    return { ...taken, isRepeated: true }
  }
  const { held } = taken
  let answer: Omit<Answer, 'isRepeated'>
  try {
    answer = await run(held)
  } catch (error) {
    if (isRefusal(asAppError(error))) await held.forget()
    else await held.release()
    throw error
  }
  await held.keepAnswer(answer.status, answer.text).catch((error: unknown) => {
    // It is done. Whoever asks again is told what is there, by the id of this request.
    ctx.log.warn({ error }, 'the answer to an idempotency key could not be kept')
  })
  return { ...answer, isRepeated: false }
}
