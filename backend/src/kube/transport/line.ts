import type { Pool } from 'undici'
import type { Breaker } from './breaker.ts'
import type { Send } from './send.ts'
import type { TransportLimits } from './transport.ts'

/** What all that goes to one cluster with one credential shares. */
export type Line = {
  limits: TransportLimits
  requests: Pool
  streams: Pool
  passages: Pool
  breaker: Breaker
  send: Send
  redact: (text: string) => string
  /** Something came from there. */
  hear: () => void
  /** Cut a while after the token was replaced, so that the next ones use the new one. */
  openStreams: Set<() => void>
}
