import type { RequestContext } from '#context'
import type { FleetChange, Visibility } from '#fleet'
import type { Outbox } from './outbox.ts'

/**
 * Readers who see the same. What changed is decided on, coalesced and turned into bytes once for all of them; a reader
 * that cannot take the bytes keeps a backlog of its own.
 */
export type Channel = {
  visibility: Visibility
  readers: Set<Reader>
  /**
   * By object, in the order of their latest change: what is sent up to an id is all that happened up to it. Another map each
   * time: of one that is cleared and filled again, V8 writes the table anew in its old generation.
   */
  pending: Map<string, FleetChange>
  needsReset: boolean
}

export type Reader = {
  ctx: RequestContext
  channel: Channel
  outbox: Outbox
  reauthenticate: () => void
  /** Says when to come back, and ends. */
  leave: () => void
}
