import type { ListSearch } from './list-filter.ts'

/** A list that somebody comes back to: what narrows and orders it, as the query of its address. */
export interface SavedView {
  name: string
  query: string
}

export function readViews(stored: unknown): readonly SavedView[] {
  if (!Array.isArray(stored)) return []
  return stored.flatMap((view: unknown) => {
    if (typeof view !== 'object' || view === null) return []
    const { name, query } = view as Record<string, unknown>
    return typeof name === 'string' && typeof query === 'string' ? [{ name, query }] : []
  })
}

/** The same list has the same query, in whichever order it was narrowed. */
export function writeQuery(search: ListSearch): string {
  const fields = Object.entries(search).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  )
  return new URLSearchParams(fields.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))).toString()
}

/** What the address is to say; the page reads it as carefully as any address. */
export function readQuery(query: string): ListSearch {
  return Object.fromEntries(new URLSearchParams(query))
}

/** Under a name that is taken the view is another from now on. */
export function saveView(views: readonly SavedView[], view: SavedView): readonly SavedView[] {
  const others = views.filter(({ name }) => name !== view.name)
  return [...others, view].toSorted((a, b) => a.name.localeCompare(b.name))
}

export function removeView(views: readonly SavedView[], name: string): readonly SavedView[] {
  return views.filter((view) => view.name !== name)
}

export function renameView(
  views: readonly SavedView[],
  from: string,
  to: string,
): readonly SavedView[] {
  const view = views.find(({ name }) => name === from)
  return view ? saveView(removeView(views, from), { ...view, name: to }) : views
}
