import type { FleetChange } from '#fleet'

/** More than this waiting, for one reader or for those who see the same, is dropped for one `reset`. */
export const pendingMax = 1_000

/** By object, in the order of their latest change. */
export function putLast(changes: Map<string, FleetChange>, key: string, change: FleetChange): void {
  const before = changes.get(key)
  changes.delete(key)
  changes.set(key, before ? joinChanges(before, change) : change)
}

const moved = new WeakMap<FleetChange, FleetChange>()

/** The later change, which leaves in place only what the earlier one did. The same for all in whom these two meet. */
function joinChanges(before: FleetChange, change: FleetChange): FleetChange {
  if (change.type !== 'upsert' || !change.isInPlace) return change
  if (before.type === 'upsert' && before.isInPlace) return change
  let joined = moved.get(change)
  if (!joined) moved.set(change, (joined = { ...change, isInPlace: false }))
  return joined
}
