import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export type LoadOptions = {
  origin: string
  method?: 'GET' | 'POST'
  body?: string
  /** Of what succeeds: 200. */
  status?: number
  /** Asked for in turn. */
  paths: readonly string[]
  headers?: Record<string, string>
  /** Who asks, in turn: cookies. */
  cookies?: readonly string[]
  /** So many are asked a second, whether or not the ones before were answered; without, each when it was. */
  perSecond?: number
  connections: number
  seconds: number
  tls?: { ca: string; cert?: string; key?: string }
  /** Keeps each answer's latency; off where only the rate counts. */
  keepsLatencies?: boolean
}

export type LoadResult = {
  requests: number
  errors: number
  /** Bytes of bodies as they came over the wire. */
  bytes: number
  requestsPerSecond: number
  latenciesMs: number[]
  statuses: Record<string, number>
}

/** Load over HTTP/1.1 from a process of its own. A latency counts from when it was time to ask. */
export function runLoad(options: LoadOptions): Promise<LoadResult> {
  const worker = fileURLToPath(new URL('./load-worker.ts', import.meta.url))
  const child = fork(worker, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  return new Promise((resolve, reject) => {
    child.once('message', (result) => resolve(result as LoadResult))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`The load generator ended with ${code}.`)))
    child.send(options)
  })
}
