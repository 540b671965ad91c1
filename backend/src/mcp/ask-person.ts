import {
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
  type InputRequiredResult,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { Confirmations } from '#confirmations'
import type { RequestContext } from '#context'
import type { AppError } from '#errors'
import { isRecord } from '#kube'
import type { Report } from '#operation'

/** What to do about a call that waits for a person's yes: ask, try it once more, or tell the model what waits. */
type PersonAsked = { ask: InputRequiredResult } | { told: string } | 'try-again'

export type AskPerson = (ctx: RequestContext, error: AppError) => Promise<PersonAsked>

type Options = {
  confirmations: Pick<Confirmations, 'awaitDecision'>
  /** Of the portal. */
  origin: string
  mcpReq: ServerContext['mcpReq']
  report: Report | undefined
}

const askedKey = 'confirm'
/** Less than many clients wait for an answer. */
const patienceMs = 45_000

/**
 * A person is asked at the portal, never by a form of the client: what a form says comes with the agent's own token, and
 * the agent could say it by itself. A client that opens addresses for its person (URL elicitation, since revision
 * 2026-07-28 without a session) opens that one, and the call goes on when they have decided; others are told the address.
 */
export function createAskPerson({ confirmations, mcpReq, origin, report }: Options): AskPerson {
  return async (ctx, { confirmation, detail }) => {
    const url = `${origin}/me/agents?confirmation=${confirmation}`
    const told = { told: `${detail} The address is ${url}` }
    const response = inputResponse(mcpReq.inputResponses, askedKey)
    if (response.kind === 'missing') {
      if (!opensAddresses(mcpReq.envelope)) return told
      const message = 'The agent wants to delete something for good. Look at what, and decide.'
      const request = inputRequired.elicitUrl({ url, message })
      return { ask: inputRequired({ inputRequests: { [askedKey]: request } }) }
    }
    if (response.kind !== 'elicit' || response.action !== 'accept') return told
    report?.({ progress: 0, total: patienceMs / 1000, message: 'Waiting for a person to decide.' })
    await confirmations.awaitDecision(ctx.db, confirmation!, patienceMs, ctx.signal)
    return 'try-again'
  }
}

function opensAddresses(envelope: object | undefined): boolean {
  const said = (envelope as Record<string, unknown> | undefined)?.[CLIENT_CAPABILITIES_META_KEY]
  return isRecord(said) && isRecord(said['elicitation']) && isRecord(said['elicitation']['url'])
}
