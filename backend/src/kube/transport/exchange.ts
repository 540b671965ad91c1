import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { KubeRequest } from './transport.ts'

/** Of silence, in milliseconds; without `headersTimeout`, that of all. */
export type Timeouts = { bodyTimeout: number; headersTimeout?: number }

/** What has begun to come; the body is still to be read. */
export type Answer = Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'> & { body: Readable }

/** As it is written. */
export type Asked = Timeouts & {
  method: KubeRequest['method']
  path: string
  headers: Record<string, string | string[]>
  body: string | Uint8Array | Readable | null
  signal: AbortSignal
}
