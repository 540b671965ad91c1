import type { DeploymentsQuery } from '@hub/shared'
import { createBoundedCache } from '#cache'
import type { Visibility } from '#fleet'

const remembered = { entriesMax: 2_000, bytesMax: 32 * 1024 * 1024 }

/**
 * The latest answers by who may see them and what was asked, each good for one version of the instances that they see.
 * What is searched for is hardly asked for twice, and by anybody in any number of ways: that is not kept.
 */
export function createPageMemory<Page>(bytesOf: (page: Page) => number) {
  const ids = new WeakMap<Visibility, number>()
  const pages = createBoundedCache<{ version: number; page: Page }>(remembered)
  let nextId = 0
  return (
    visibility: Visibility,
    query: DeploymentsQuery,
    version: number,
    /** Is given the page of an earlier version, where one is known. */
    build: (outdated: Page | null) => Page,
  ): Page => {
    const { cursor, engine, gpu, instance, limit, model, namespace, offset, owner, q } = query
    if (q !== undefined && q !== '') return build(null)
    const { sort, status } = query
    let id = ids.get(visibility)
    if (id === undefined) ids.set(visibility, (id = nextId++))
    const filter = [instance, namespace, status, model, owner, gpu, engine]
    const key = JSON.stringify([id, sort, limit, cursor, offset, filter])
    const known = pages.get(key)
    if (known?.version === version) return known.page
    const page = build(known?.page ?? null)
    pages.set(key, { version, page }, bytesOf(page))
    return page
  }
}
