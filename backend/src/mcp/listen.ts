import type { StreamEvent } from '@hub/shared'
import type { ServerEvent, ServerEventBus } from '@modelcontextprotocol/server'
import type { RequestContext } from '#context'
import type { Streams } from '#stream'
import { deploymentUri, instanceUri, manifestUri } from './resources.ts'

export type Listening = {
  /** What a subscription listens to. */
  bus: ServerEventBus
  /** When the caller goes, or may not read any more. */
  ended: Promise<void>
  /** The answer, of which no more is made than its reader takes. */
  pace(response: Response): Response
  /** For a request that gets no answer to pace: the hub's stream ends with the answer's body otherwise. */
  close(): void
}

/**
 * What changes of what the caller may see, as the events of MCP: the hub's own stream, so that the same rights decide, and
 * are looked at again and again. After a gap each of `subscribed` counts as changed. Throws what opening a stream throws.
 */
export function listen(
  ctx: RequestContext,
  streams: Streams,
  subscribed: readonly string[],
): Listening {
  const listeners = new Set<(event: ServerEvent) => void>()
  const publish = (event: ServerEvent) => {
    for (const listener of listeners) listener(event)
  }
  const tell = (event: StreamEvent) => {
    for (const each of toServerEvents(event, subscribed)) publish(each)
  }
  const demand = createDemand()
  const events = streams.open(ctx, null).getReader()
  const close = () => void events.cancel().catch(() => {})
  return {
    bus: {
      publish,
      subscribe: (listener) => {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    ended: readEvents(events, tell, demand.wanted),
    pace: (response) => demand.pace(response, close),
    close,
  }
}

function toServerEvents(event: StreamEvent, subscribed: readonly string[]): ServerEvent[] {
  const list = { kind: 'resources_list_changed' } as const
  const updated = (uri: string) => ({ kind: 'resource_updated', uri }) as const
  switch (event.type) {
    case 'deployment':
    case 'deployment-removed': {
      const { instance, name, namespace } = event.type === 'deployment' ? event.deployment : event
      const at = { instance, namespace, name }
      const changed = [updated(deploymentUri.expand(at)), updated(manifestUri.expand(at))]
      const isInPlace = event.type === 'deployment' && event.isInPlace === true
      return isInPlace ? changed : [...changed, list]
    }
    case 'instance':
      return [updated(instanceUri.expand({ instance: event.instance.id })), list]
    case 'instance-removed':
      return [updated(instanceUri.expand({ instance: event.id })), list]
    case 'reset':
      return [...subscribed.map(updated), list]
    case 'instances-seen':
    case 'access-requests':
      return []
  }
}

/** The events of a stream of the hub's own, until it ends (WHATWG HTML §9.2.6, as far as the hub writes it). */
async function readEvents(
  events: ReadableStreamDefaultReader<Uint8Array>,
  tell: (event: StreamEvent) => void,
  wanted: () => Promise<void>,
): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value: bytes } = await events.read()
    if (done) return
    // What is not taken waits in the hub's own stream, which is bounded.
    await wanted()
    const blocks = (rest + decoder.decode(bytes, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => {
          const [field = '', ...value] = line.split(': ')
          return [field, value.join(': ')]
        }),
      )
      const [type, data] = [fields.get('event'), fields.get('data')]
      if (type === undefined || data === undefined) continue
      tell(asStreamEvent(type, data))
    }
  }
}

/** Whether a reader waits for more: the protocol's server queues what it is told without a bound. */
function createDemand() {
  let isWanted = false
  let waiting: (() => void)[] = []
  return {
    wanted: () =>
      isWanted ? Promise.resolve() : new Promise<void>((resolve) => void waiting.push(resolve)),
    pace: (response: Response, onEnd: () => void) => {
      const reader = response.body?.getReader()
      if (!reader) {
        onEnd()
        return response
      }
      void reader.closed.then(onEnd, onEnd)
      const body = new ReadableStream<Uint8Array>(
        {
          pull: async (controller) => {
            isWanted = true
            for (const resolve of waiting) resolve()
            waiting = []
            const { done, value } = await reader.read()
            isWanted = false
            if (done) controller.close()
            else controller.enqueue(value)
          },
          cancel: (reason) => reader.cancel(reason),
        },
        { highWaterMark: 0 },
      )
      return new Response(body, response)
    },
  }
}

/** The hub wrote it itself, by the same type. */
function asStreamEvent(type: string, data: string): StreamEvent {
  return { ...(JSON.parse(data) as object), type } as StreamEvent
}
