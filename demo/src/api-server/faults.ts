import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError, unauthorized } from './status.ts'

/** What can be wrong with a cluster as its clients see it. */
export type Fault =
  /** Connections are accepted and never read; those that are open fall silent. */
  | { kind: 'black-hole' }
  /** Connections are refused; those that are open end. */
  | { kind: 'refuse' }
  /** Every answer comes later. */
  | { kind: 'slow'; delayMs: number }
  /** Every body trickles. */
  | { kind: 'slow-drip'; bytesPerSecond: number }
  /** Connections are accepted and read, and no TLS handshake ends; those that are open go on. */
  | { kind: 'tls-stall' }
  /** 429 with Retry-After, in plain text: as API Priority and Fairness refuses. */
  | { kind: 'throttled'; retryAfterSeconds: number }
  | { kind: 'server-error' }
  | { kind: 'unauthorized' }
  /** Watches open and stay open, without events, bookmarks or an end. */
  | { kind: 'watch-silence' }

type Handle = (request: IncomingMessage, response: ServerResponse) => void
type Exchange = { response: ServerResponse; isWatch: boolean }

export type FaultyHandler = {
  handle: Handle
  openWatches(): number
  /** Puts a fault on what is answered from now on, and on what is being answered. */
  set(fault: Fault | null): void
}

const dripsPerSecond = 10

/** The faults that show in answers; those of connections are the listener's. */
export function createFaultyHandler(
  handle: Handle,
  respondToError: (response: ServerResponse, error: unknown) => void,
): FaultyHandler {
  let fault: Fault | null = null
  const open = new Set<Exchange>()
  const muted = new Set<ServerResponse>()
  const drips = new Map<ServerResponse, Drip>()

  const mute = (response: ServerResponse) => {
    muted.add(response)
    response.write = () => true
    response.end = () => response
  }
  /** The head of the answer goes out, and so does a refusal; nothing that a watch would tell. */
  const silence = (response: ServerResponse) => {
    const end = response.end.bind(response)
    mute(response)
    response.end = (chunk?: unknown) => (response.statusCode === 200 ? response : end(chunk))
  }
  const drip = (response: ServerResponse, bytesPerSecond: number) => {
    if (!drips.has(response)) drips.set(response, startDrip(response, bytesPerSecond))
  }

  return {
    openWatches: () => [...open].filter((exchange) => exchange.isWatch).length,
    handle: (request, response) => {
      const exchange = { response, isWatch: isWatch(request) }
      open.add(exchange)
      response.once('close', () => {
        open.delete(exchange)
        muted.delete(response)
        drips.get(response)?.stop()
        drips.delete(response)
      })
      switch (fault?.kind) {
        case undefined:
        case 'refuse':
        case 'tls-stall':
          return handle(request, response)
        case 'black-hole':
          return mute(response)
        case 'watch-silence':
          if (exchange.isWatch) silence(response)
          return handle(request, response)
        case 'slow': {
          const timer = setTimeout(handle, fault.delayMs, request, response)
          response.once('close', () => clearTimeout(timer))
          return
        }
        case 'slow-drip':
          drip(response, fault.bytesPerSecond)
          return handle(request, response)
        case 'throttled':
          response.setHeader('retry-after', String(fault.retryAfterSeconds))
          response.writeHead(429, { 'content-type': 'text/plain; charset=utf-8' })
          response.end('Too many requests, please try again later.\n')
          return
        case 'server-error':
          return respondToError(response, new ApiError(500, '', 'etcdserver: request timed out'))
        case 'unauthorized':
          return respondToError(response, unauthorized())
      }
    },
    set: (next) => {
      fault = next
      // Whoever was met with silence has missed something: its connection ends, and it asks again.
      for (const response of muted) response.destroy()
      for (const each of drips.values()) each.release()
      drips.clear()
      for (const { response, isWatch: watches } of open) {
        if (next?.kind === 'black-hole') mute(response)
        else if (next?.kind === 'watch-silence' && watches) silence(response)
        else if (next?.kind === 'slow-drip') drip(response, next.bytesPerSecond)
      }
    },
  }
}

function isWatch(request: IncomingMessage): boolean {
  return /[?&]watch=(1|true)\b/.test(request.url ?? '')
}

type Drip = { release(): void; stop(): void }

/** Holds back what is written and lets it out a few bytes at a time. */
function startDrip(response: ServerResponse, bytesPerSecond: number): Drip {
  const write = response.write.bind(response)
  const end = response.end.bind(response)
  const bytesPerDrip = Math.max(1, Math.round(bytesPerSecond / dripsPerSecond))
  const intervalMs = (1000 * bytesPerDrip) / bytesPerSecond
  let held = Buffer.alloc(0)
  let isEnded = false
  const hold = (chunk: unknown) => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) {
      held = Buffer.concat([held, Buffer.from(chunk as string)])
    }
  }
  response.write = (chunk: unknown) => {
    hold(chunk)
    return true
  }
  response.end = (chunk?: unknown) => {
    hold(chunk)
    isEnded = true
    return response
  }
  const finish = () => {
    clearInterval(timer)
    if (isEnded) end()
  }
  const timer = setInterval(() => {
    if (held.length > 0) write(held.subarray(0, bytesPerDrip))
    held = held.subarray(bytesPerDrip)
    if (held.length === 0 && isEnded) finish()
  }, intervalMs)
  return {
    release: () => {
      if (held.length > 0) write(held)
      response.write = write
      response.end = end
      finish()
    },
    stop: () => clearInterval(timer),
  }
}
