import { ClusterError } from '../cluster-error.ts'
import type { WatchEvent } from '../objects.ts'
import type { Timing } from '../timing.ts'
import type { ListWatchOptions, ListWatchState } from './options.ts'
import { isLater, type Listed } from './relist.ts'
import { rewatchAfterMs } from './watch-from.ts'

/** After two bookmarks that are missed the watch is dead: only a list tells how things are. */
export const deadAfterMs = 2 * rewatchAfterMs - 1_000

/** Whether a watch tells what changes, or keeps it back. */
export type Hearing = {
  /** A first list, or one after the past was lost. */
  listed(list: Listed): void
  /** A list beside a watch that said nothing: whether it held something back shows in it. */
  checked(list: Listed, since: string): void
  line(type: WatchEvent['type']): void
  /** Tells how it is, as far as is known. */
  settle(): void
  failed(): void
  /** Nothing was heard for so long that only a list tells how things are. */
  isDead(): boolean
}

export function createHearing(
  { onHeard }: Pick<ListWatchOptions, 'onHeard'>,
  timing: Timing,
  report: (state: ListWatchState) => void,
): Hearing {
  let heardAt = timing.now()
  /** Whether a watch of this collection ever said a word: then it says one every minute. */
  let hasSpoken = false
  /** Until the watch says something again, lists alone keep up. */
  let isSilent = false
  /** Whether nothing failed since it was last heard of: what it did not tell, it kept back. */
  let isUnbroken = true
  /** How many there are, by the last list and what was told since. */
  let population = 0
  const settle = () => report(isSilent ? { phase: 'silent', error: silent() } : { phase: 'synced' })
  const hear = () => {
    heardAt = timing.now()
    isUnbroken = true
    onHeard?.()
    settle()
  }
  return {
    listed: ({ objects }) => {
      population = objects
      hear()
    },
    checked: ({ newest, objects }, since) => {
      const isHeldBack = isLater(newest, since) || objects !== population
      isSilent ||= isUnbroken && (hasSpoken || isHeldBack)
      population = objects
      hear()
    },
    line: (type) => {
      hasSpoken = true
      isSilent = false
      hear()
      if (type === 'ADDED') population += 1
      if (type === 'DELETED') population -= 1
    },
    settle,
    failed: () => {
      isUnbroken = false
    },
    isDead: () => timing.now() - heardAt >= deadAfterMs,
  }
}

export function silent(): ClusterError {
  return new ClusterError('silent', { message: 'does not report what changes there' })
}
