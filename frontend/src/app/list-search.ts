import { deploymentStatuses, isDnsLabel } from '@hub/shared'
import { readSort, type ListSearch } from '../features/deployments/list-filter.ts'

const searchLengthMax = 200
const pagesMax = 50

/** Reads a list's filters from the address; what makes no sense there is left out. */
export function readListSearch(search: Record<string, unknown>): ListSearch {
  const { q, status, instance, sort, pages } = search
  const group = deploymentStatuses.find((name) => name === status)
  const at = readText(instance)
  const text = readText(q)?.slice(0, searchLengthMax)
  return {
    ...(text && { q: text }),
    ...(group && { status: group }),
    ...(at !== undefined && isDnsLabel(at) && { instance: at }),
    ...(typeof sort === 'string' && readSort(sort) && { sort }),
    ...(typeof pages === 'number' &&
      Number.isInteger(pages) &&
      pages > 1 && { pages: Math.min(pages, pagesMax) }),
  }
}

/** The router reads digits as a number. */
function readText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
