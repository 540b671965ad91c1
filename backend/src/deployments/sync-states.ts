import type { Fleet, SyncState } from '#fleet'
import type { PartialOptions } from './build-page.ts'

const upToDate: SyncState = { synced: true, reason: null }

/** Which instances are up to date; asked of again only where something changed. */
export function createSyncStates(
  fleet: Pick<Fleet, 'instanceIds' | 'instanceState' | 'placesVersionOf'>,
): PartialOptions['syncOf'] {
  const synced = new Map<string, number>()
  return (id, namespace) => {
    const version = fleet.placesVersionOf([id])
    if (synced.get(id) === version) return upToDate
    const state = fleet.instanceState(id, namespace)
    if (state.synced && namespace === undefined) {
      // More than there are: none is kept that is gone.
      if (synced.size > fleet.instanceIds().length) synced.clear()
      synced.set(id, version)
    }
    return state
  }
}
