import type { Pool } from 'undici'
import type { Breaker } from './breaker.ts'
import type { Streams } from './create-streams.ts'
import type { Send } from './send.ts'
import type { KubeRequest, TransportLimits } from './transport.ts'

/** Connections, by what they are for. */
export type Pools = { requests: Pool; streams: Streams; passages: Pool }

/** What all that goes to one cluster with one credential shares. */
export type Line = {
  limits: TransportLimits
  /** What is there is no API server. */
  isDirect: boolean
  /** With what the credential shows as it connects; for a caller's own token those that show nothing. */
  poolsFor: (request: Pick<KubeRequest, 'ownToken'>) => Pools
  breaker: Breaker
  send: Send
  /** Takes out what the request was sent with. */
  redact: (text: string, request: Pick<KubeRequest, 'ownToken'>) => string
  /** Something came from there. */
  hear: () => void
  /** When that last was. */
  heardAt: () => number
  /** Cut a while after the token was replaced, so that the next ones use the new one. */
  openStreams: Set<() => void>
}
