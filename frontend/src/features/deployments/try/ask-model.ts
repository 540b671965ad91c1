import { ChatEvent, type ChatInput } from '@hub/shared'
import { api, encode, send } from '../../../lib/api/client.ts'
import { ApiProblem } from '../../../lib/api/problem.ts'
import { readEvents } from '../../../lib/api/read-events.ts'
import type { DeploymentCoordinates } from '../queries.ts'

const chatAt = api.instances[':instance'].namespaces[':namespace'].deployments[':name'].chat

/** Asks a model, and tells what it says as it comes. Throws `ApiProblem`, and what aborting throws. */
export async function askModel(
  { instance, namespace, name }: DeploymentCoordinates,
  input: ChatInput,
  { onEvent, signal }: { onEvent: (event: ChatEvent) => void; signal: AbortSignal },
): Promise<void> {
  const param = encode({ instance, namespace, name })
  const headers = { accept: 'text/event-stream' }
  const answer = await send(chatAt.$post({ param, json: input }, { headers, init: { signal } }))
  if (answer.body === null) throw lost()
  let isOver = false
  try {
    for await (const { data, type } of readEvents(answer.body)) {
      const event = ChatEvent.safeParse({ ...readJson(data), type })
      if (!event.success) continue
      isOver ||= event.data.type === 'usage' || event.data.type === 'error'
      onEvent(event.data)
    }
  } catch (error) {
    throw signal.aborted ? error : lost()
  }
  if (!isOver) throw lost()
}

function readJson(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function lost(): ApiProblem {
  return new ApiProblem({
    status: 0,
    code: 'unavailable',
    detail: 'The connection to the hub broke before the answer was whole. Ask again.',
  })
}
