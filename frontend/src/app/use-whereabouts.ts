import { useMatches } from '@tanstack/react-router'
import type { Crumb } from '../features/shell/breadcrumb.tsx'
import type { PlaceName } from '../features/shell/places.ts'

/** The place of the page that is open, and the pages above it, as the routes say. */
export function useWhereabouts(): { place: PlaceName | null; crumbs: readonly Crumb[] } {
  const matches = useMatches()
  return {
    place: matches.findLast(({ staticData }) => staticData.place)?.staticData.place ?? null,
    crumbs: matches.flatMap(({ staticData, params }) => staticData.crumbs?.(params) ?? []),
  }
}
