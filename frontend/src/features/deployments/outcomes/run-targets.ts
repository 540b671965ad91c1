import {
  TargetOutcome,
  type ChangeDeploymentsInput,
  type CreateDeploymentsInput,
} from '@hub/shared'
import { api, send } from '../../../lib/api/client.ts'
import { ApiProblem } from '../../../lib/api/problem.ts'
import { readEvents } from '../../../lib/api/read-events.ts'

/** One thing asked of several targets. */
export type Asked =
  | { what: 'create'; input: CreateDeploymentsInput; isDryRun: boolean }
  | { what: 'change'; input: ChangeDeploymentsInput }

/** Has it done, and tells of each target when it is; `key` is the same where it is tried again. */
export async function runTargets(
  asked: Asked,
  key: string | undefined,
  onOutcome: (outcome: TargetOutcome) => void,
): Promise<void> {
  const answer = await send(sendTo(asked, key === undefined ? {} : { 'idempotency-key': key }))
  if (answer.body === null) throw lost()
  let isWhole = false
  try {
    for await (const { data, type } of readEvents(answer.body)) {
      if (type === 'end') isWhole = true
      const outcome = TargetOutcome.safeParse(readJson(data))
      if (outcome.success) onOutcome(outcome.data)
    }
  } catch {
    throw lost()
  }
  if (!isWhole) throw lost()
}

function sendTo(asked: Asked, key: Record<string, string>): Promise<Response> {
  const asEvents = { headers: { ...key, accept: 'text/event-stream' } }
  const { deployments } = api
  if (asked.what === 'change') {
    return deployments.actions.$post({ json: asked.input }, asEvents)
  }
  const query = asked.isDryRun ? { dryRun: 'All' as const } : {}
  return deployments.$post({ query, json: asked.input }, asEvents)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Those that nothing was heard of may be done all the same. */
function lost(): ApiProblem {
  return new ApiProblem({
    status: 0,
    code: 'unavailable',
    detail:
      'The connection to the hub broke before it had told of all. What it had begun goes on; trying again does nothing twice.',
    outcome: 'unknown',
  })
}
