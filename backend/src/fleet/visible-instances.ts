import type { Versions } from './instance-versions.ts'
import type { Visibility } from './visibility.ts'

/** The instances somebody sees, sorted. */
export type VisibleInstances = {
  ids: readonly string[]
  /** Larger whenever a list of these instances may have another answer. */
  version: number
}

/** Asks again only where there are other instances, or one of them changed. */
export function createVisibleInstances(options: {
  /** Another array whenever there are others. */
  instanceIds: () => readonly string[]
  versions: Pick<Versions, 'latest' | 'of'>
}): (visibility: Visibility, only?: string) => VisibleInstances {
  const { instanceIds, versions } = options
  type Known = { of: readonly string[]; at: number; visible: VisibleInstances }
  const byVisibility = new WeakMap<Visibility, Known>()
  return (visibility, only) => {
    if (only !== undefined) {
      const ids = [only].filter((id) => visibility.seesInstance(id))
      return { ids, version: versions.of(ids) }
    }
    const of = instanceIds()
    const at = versions.latest()
    const known = byVisibility.get(visibility)
    if (known?.of === of && known.at === at) return known.visible
    const ids =
      known?.of === of ? known.visible.ids : of.filter((id) => visibility.seesInstance(id))
    const visible = { ids, version: versions.of(ids) }
    byVisibility.set(visibility, { of, at, visible })
    return visible
  }
}
