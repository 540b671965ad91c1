import {
  TargetOutcome,
  type ChangeDeploymentsInput,
  type CreateDeploymentsInput,
} from '@hub/shared'
import { ask } from '../../../lib/api/ask.ts'
import { send } from '../../../lib/api/client.ts'
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
  const segments = asked.what === 'create' ? ['deployments'] : ['deployments', 'actions']
  const answer = await send(
    ask<never>(segments, {
      method: 'POST',
      query: { dryRun: asked.what === 'create' && asked.isDryRun ? 'All' : undefined },
      headers: { accept: 'text/event-stream', 'idempotency-key': key },
      json: asked.input,
    }),
  )
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
