import type { FleetChange } from '#fleet'

/** More than this waiting, for one reader or for those who see the same, is dropped for one `reset`. */
export const pendingMax = 1_000

/** By object, in the order of their latest change. */
export function putLast(changes: Map<string, FleetChange>, key: string, change: FleetChange): void {
  changes.delete(key)
  changes.set(key, change)
}
