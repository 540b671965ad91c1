import type { ClusterError } from '../cluster-error.ts'
import type { KubePath } from '../kube-path.ts'
import type { KubeObject } from '../objects.ts'
import type { Timing } from '../timing.ts'
import type { Query, Transport } from '../transport/transport.ts'
import type { Breaks } from './breaks.ts'
import type { Budget, Pace } from './budget.ts'

export type ListWatchEvent = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubeObject }

/** `retrying`: what was delivered may be stale until `synced` comes again. */
export type ListWatchState =
  | { phase: 'listing' }
  | { phase: 'synced' }
  /** The watch is open and says nothing although something should be said. Lists are all that is heard. */
  | { phase: 'silent'; error: ClusterError }
  | { phase: 'retrying'; error: ClusterError; delayMs: number }

export type ListWatchOptions<T = KubeObject> = {
  transport: Transport
  path: KubePath
  /** Selectors. */
  query?: Query
  /** Ends the loop. */
  signal: AbortSignal
  /**
   * What is kept of an object of a list, null for nothing: of a list that is far larger than what is kept, memory holds
   * what is kept. What it throws ends the list.
   */
  read: (object: KubeObject) => T | null
  /** Everything there is as of `resourceVersion`; replaces all that was delivered before. May throw ClusterError. */
  onReplace: (items: T[], resourceVersion: string) => void
  /** May throw ClusterError. */
  onEvent: (event: ListWatchEvent) => void
  onState: (state: ListWatchState) => void
  /** The cluster said how things are, or that nothing changed: a list ended, or a line of the watch came. */
  onHeard?: () => void
  /** A list that was being read came to nothing: what `read` gave is not kept. */
  onDropped?: () => void
  budget?: Budget
  /** Shared by all that read the same cluster. Default: one of its own. */
  pace?: Pace
  /** Likewise. */
  breaks?: Breaks
  timing?: Timing
}
