import { deploymentSorts, type DeploymentsQuery, type DeploymentStatusFilter } from '@hub/shared'

export type SortField = (typeof deploymentSorts)[number]

export interface Sort {
  field: SortField
  descending: boolean
}

/** What the address says about a list; everything at its default is left out of it. */
export interface ListSearch {
  q?: string
  status?: DeploymentStatusFilter
  /** Of the fleet: one instance. */
  instance?: string
  /** A field, with `-` before it for descending. */
  sort?: string
  /** How many pages are shown, from the first. */
  pages?: number
}

/** What narrows and orders a list, without the place in it. */
export type DeploymentFilter = Pick<DeploymentsQuery, 'instance' | 'q' | 'status' | 'sort'>

export const sortDefault: Sort = { field: 'name', descending: false }

/** Null for what no list can be sorted by. */
export function readSort(sort: string | undefined): Sort | null {
  const field = deploymentSorts.find((name) => name === sort?.replace(/^-/, ''))
  return field ? { field, descending: sort?.startsWith('-') ?? false } : null
}

export function writeSort({ field, descending }: Sort): string {
  return descending ? `-${field}` : field
}

/** The filter that the address stands for, on one instance's page or on the fleet's. */
export function toFilter(search: ListSearch, instance: string | undefined): DeploymentFilter {
  const at = instance ?? search.instance
  const q = search.q?.trim()
  return {
    ...(at !== undefined && { instance: at }),
    ...(q && { q }),
    ...(search.status && { status: search.status }),
    sort: search.sort ?? writeSort(sortDefault),
  }
}
