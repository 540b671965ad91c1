import type { Versions } from './instance-versions.ts'
import type { Visibility } from './visibility.ts'

/** The instances somebody sees, sorted. */
export type VisibleInstances = {
  ids: readonly string[]
  /** Larger whenever a list of these instances may have another answer. */
  version: number
  /** Larger whenever others may be in such a list, or in another order. */
  places: number
}

/** Asks again only where there are other instances, or one of them changed. */
export function createVisibleInstances(options: {
  /** Another array whenever there are others. */
  instanceIds: () => readonly string[]
  versions: Pick<Versions, 'contents' | 'places'>
}): (visibility: Visibility, only?: string) => VisibleInstances {
  const { instanceIds, versions } = options
  const { contents, places } = versions
  type Known = {
    of: readonly string[]
    latest: { contents: number; places: number }
    visible: VisibleInstances
  }
  const byVisibility = new WeakMap<Visibility, Known>()
  return (visibility, only) => {
    if (only !== undefined) {
      const ids = [only].filter((id) => visibility.seesInstance(id))
      return { ids, version: contents.of(ids), places: places.of(ids) }
    }
    const of = instanceIds()
    const known = byVisibility.get(visibility)
    const same = known?.of === of ? known : null
    if (same?.latest.contents === contents.latest()) return same.visible
    const ids = same?.visible.ids ?? of.filter((id) => visibility.seesInstance(id))
    const visible = {
      ids,
      version: contents.of(ids),
      places: same?.latest.places === places.latest() ? same.visible.places : places.of(ids),
    }
    const latest = { contents: contents.latest(), places: places.latest() }
    byVisibility.set(visibility, { of, latest, visible })
    return visible
  }
}
