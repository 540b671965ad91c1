import { createBoundedCache } from '#cache'
import type { ClusterRightsOfUser } from '#context'

const remembered = { entriesMax: 1_000, bytesMax: 64 * 1024 * 1024 }
/** An entry of a set; the name itself is often shared. */
const placeBytes = 48

/**
 * Gives back the object of the last time for as long as clusters say the same to somebody: what is made of it is then made
 * once, and not with every request.
 */
export function createRightsKeeper(): (
  principal: string,
  rights: ClusterRightsOfUser,
) => ClusterRightsOfUser {
  const known = createBoundedCache<ClusterRightsOfUser>(remembered)
  return (principal, rights) => {
    const before = known.get(principal)
    if (before && isSame(before, rights)) return before
    const { alone, creatable, deletable, known: users, unanswered, updatable, visible } = rights
    const parts = [visible, creatable, updatable, deletable, unanswered, alone, users]
    const places = parts.reduce((sum, { size }) => sum + size, 0)
    known.set(principal, rights, places * placeBytes)
    return rights
  }
}

function isSame(a: ClusterRightsOfUser, b: ClusterRightsOfUser): boolean {
  return (
    a.personal === b.personal &&
    hasSame(a.visible, b.visible) &&
    hasSame(a.creatable, b.creatable) &&
    hasSame(a.updatable, b.updatable) &&
    hasSame(a.deletable, b.deletable) &&
    hasSame(a.alone, b.alone) &&
    a.known.size === b.known.size &&
    [...a.known].every(([id, own]) => b.known.get(id)?.username === own?.username) &&
    a.unanswered.size === b.unanswered.size &&
    [...a.unanswered].every(([id, reason]) => b.unanswered.get(id) === reason)
  )
}

function hasSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size !== b.size) return false
  for (const name of a) if (!b.has(name)) return false
  return true
}
