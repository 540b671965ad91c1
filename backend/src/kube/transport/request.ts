import { setImmediate } from 'node:timers/promises'
import { ClusterError, isStaleConnection } from '../cluster-error.ts'
import { limitTime } from './limit-time.ts'
import type { Line } from './line.ts'
import { passBusy } from './pass-busy.ts'
import { passStale } from './pass-stale.ts'
import { isSuccess, readHeader, readList, readObject, readRefusal } from './read-answer.ts'
import { readWarnings } from './read-warnings.ts'
import { asJson } from './send.ts'
import type { KubeRequest, KubeResponse, Transport } from './transport.ts'

/** Requests that end: so many at once, each within its time, none while the breaker is open. */
export function createRequest(line: Line): Transport['request'] {
  const { breaker, limits } = line
  let waiting = 0
  return async <T>(request: KubeRequest) => {
    if (waiting >= limits.connections + limits.queue) throw tooManyWaiting()
    waiting += 1
    const limit = limitTime(request.timeoutMs ?? limits.requestTimeoutMs, request.signal)
    const { signal } = limit
    const ask = () =>
      passStale(() => attempt<T>(line, request, signal), {
        isRepeatable: isRepeatable(request),
        signal,
      })
    const run = async () => {
      try {
        return await passBusy(ask, { heardAt: line.heardAt, signal })
      } catch (error) {
        throw limit.explain(error)
      }
    }
    try {
      return await breaker.run(run, { mayTry: request.isProbe === true })
    } finally {
      waiting -= 1
      limit.clear()
    }
  }
}

async function attempt<T>(
  line: Line,
  request: KubeRequest,
  signal: AbortSignal,
): Promise<KubeResponse<T>> {
  const { limits, send } = line
  const { requests, streams } = line.poolsFor(request)
  const redact = (text: string) => line.redact(text, request)
  const { bytesMax = limits.bodyBytesMax, isList } = request
  const sent = { ...request, ...asJson(request) }
  const timeouts = { bodyTimeout: limits.bodyTimeoutMs }
  const ask = () => send(isList ? streams : requests, sent, signal, timeouts)
  const answer = await ask().catch((error: unknown) => {
    if (isList && isStaleConnection(error)) return ask()
    throw error
  })
  if (!isSuccess(answer)) {
    throw await readRefusal(answer, { bodyBytesMax: limits.bodyBytesMax, redact })
  }
  const body = isList ? await readList(answer, request, limits) : await readObject(answer, bytesMax)
  // The pool takes a connection back one turn later; until then the watch would open another.
  if (isList) await setImmediate()
  return {
    status: answer.statusCode,
    body: body as T,
    auditId: readHeader(answer, 'audit-id'),
    warnings: readWarnings(answer),
  }
}

/** A dry run changes nothing, however often it is done. Items that were delivered once must not be delivered twice. */
function isRepeatable({ isList, method, query }: KubeRequest): boolean {
  return isList !== true && (method === 'GET' || query?.['dryRun'] === 'All')
}

export function tooManyWaiting(): ClusterError {
  return new ClusterError('throttled', {
    message: 'has too many requests of the hub waiting for it',
    retryAfterSeconds: 1,
  })
}
