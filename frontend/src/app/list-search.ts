import { isPhaseGroup, sortKeys } from '../features/deployments/arrange.ts'
import type { ListSearch } from '../features/deployments/deployment-list.tsx'

/** Reads a list's filters from the address; what makes no sense there is left out. */
export function readListSearch(search: Record<string, unknown>): ListSearch {
  const { q, status, sort, desc, page } = search
  const sortKey = sortKeys.find((key) => key === sort)
  return {
    // The router reads digits as a number.
    ...((typeof q === 'string' || typeof q === 'number') && q !== '' && { q: String(q) }),
    ...(isPhaseGroup(status) && { status }),
    ...(sortKey && { sort: sortKey }),
    ...(desc === true && { desc }),
    ...(typeof page === 'number' && Number.isInteger(page) && page > 1 && { page }),
  }
}
