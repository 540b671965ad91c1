import type { Context } from 'hono'
import type { RequestContext } from '#context'
import type { AppError } from '#errors'

/** What handlers find in Hono's context. */
export type HubEnv = {
  Variables: {
    ctx: RequestContext
    /** Answers what was thrown, where a person looks at it; else it is answered as a problem. */
    answerError?: AnswerError
  }
}

export type AnswerError = (c: Context<HubEnv>, error: AppError) => Response | Promise<Response>
