import { errors } from 'undici'
import { ClusterError } from '../cluster-error.ts'
import { isRecord, type WatchEvent } from '../objects.ts'
import { readJsonLines } from './json-lines.ts'
import { limitTime, type TimeLimit } from './limit-time.ts'
import type { Line } from './line.ts'
import { isSuccess, readRefusal } from './read-answer.ts'
import type { Answer } from './exchange.ts'
import { asJson } from './send.ts'
import type { Transport, WatchRequest } from './transport.ts'

export function createWatch(line: Line): Transport['watch'] {
  const { hear, limits } = line
  return async function* (request) {
    const idle = limitTime(request.idleTimeoutMs ?? null, request.signal)
    try {
      const answer = await openWatch(line, request, idle)
      const held = holdOpen(line, answer)
      try {
        idle.restart()
        request.onOpen?.()
        const chunks = tell(answer.body as AsyncIterable<Uint8Array>, (count) => {
          hear()
          request.onBytes?.(count)
        })
        for await (const event of readJsonLines(chunks, limits.objectBytesMax)) {
          idle.restart()
          yield requireEvent(event)
        }
      } catch (error) {
        // As if the server had ended it: the next one goes on from there, with the new token or over another connection.
        if (!held.isReplaced() && !isSilence(error)) throw error
      } finally {
        held.release()
      }
    } catch (error) {
      throw idle.explain(error)
    } finally {
      idle.clear()
    }
  }
}

function openWatch(line: Line, request: WatchRequest, idle: TimeLimit): Promise<Answer> {
  const { breaker, limits, send } = line
  const { streams } = line.poolsFor({})
  const redact = (text: string) => line.redact(text, {})
  const query = { ...request.query, watch: true }
  const sent = { ...request, ...asJson({}), method: 'GET' as const, query }
  return breaker.run(async () => {
    try {
      const opened = await send(streams, sent, idle.signal, {
        bodyTimeout: request.silenceMs ?? 0,
      })
      if (isSuccess(opened)) return opened
      throw await readRefusal(opened, { bodyBytesMax: limits.bodyBytesMax, redact })
    } catch (error) {
      throw idle.explain(error)
    }
  })
}

/** Among the streams that are cut once their token is replaced, until it is released. */
function holdOpen({ openStreams }: Line, { body }: Answer) {
  let isReplaced = false
  const replace = () => {
    isReplaced = true
    body.destroy()
  }
  openStreams.add(replace)
  return {
    isReplaced: () => isReplaced,
    release: () => {
      openStreams.delete(replace)
      body.destroy()
    },
  }
}

function isSilence(error: unknown): boolean {
  return error instanceof errors.BodyTimeoutError
}

async function* tell(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: WatchRequest['onBytes'],
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    onBytes?.(chunk.byteLength)
    yield chunk
  }
}

const watchEventTypes = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'])

function requireEvent(line: unknown): WatchEvent {
  if (isWatchEvent(line)) return line
  throw new ClusterError('protocol', { message: 'sent no watch event' })
}

function isWatchEvent(line: unknown): line is WatchEvent {
  return (
    isRecord(line) &&
    typeof line.type === 'string' &&
    watchEventTypes.has(line.type) &&
    isRecord(line.object)
  )
}
