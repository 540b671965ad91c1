import {
  deploymentSorts,
  type DeploymentFilter as AskedFilter,
  type DeploymentStatusFilter,
} from '@hub/shared'

type SortField = (typeof deploymentSorts)[number]

export interface Sort {
  field: SortField
  descending: boolean
}

/** What a list can be narrowed to by a value that some deployments have. */
export const facets = ['instance', 'namespace', 'model', 'owner', 'gpu', 'engine'] as const
export type Facet = (typeof facets)[number]

/** What the address says about a list; everything at its default is left out of it. */
export interface ListSearch extends Partial<Record<Facet, string>> {
  q?: string
  status?: DeploymentStatusFilter
  /** A field, with `-` before it for descending. */
  sort?: string
}

/** What narrows and orders a list, without the place in it. */
export type DeploymentFilter = AskedFilter & { sort?: string }

/** Trouble first. */
export const sortDefault: Sort = { field: 'status', descending: false }

/** Null for what no list can be sorted by. */
export function readSort(sort: string | undefined): Sort | null {
  const field = deploymentSorts.find((name) => name === sort?.replace(/^-/, ''))
  return field ? { field, descending: sort?.startsWith('-') ?? false } : null
}

export function writeSort({ field, descending }: Sort): string {
  return descending ? `-${field}` : field
}

/** Where a list is: on one instance's page or on the fleet's, and who looks at it. */
export interface ListPlace {
  instance: string | undefined
  /** The principal that `me` stands for. */
  person: string
}

/** The filter that the address stands for. */
export function toFilter(search: ListSearch, { instance, person }: ListPlace): DeploymentFilter {
  const { q: typed, sort, status, ...exact } = search
  const q = typed?.trim()
  return {
    ...exact,
    ...(instance !== undefined && { instance }),
    ...(exact.owner === 'me' && { owner: person }),
    ...(q && { q }),
    ...(status && { status }),
    sort: sort ?? writeSort(sortDefault),
  }
}

/** Whether anything narrows the list. */
export function hasFilter({ sort: _, ...filter }: ListSearch): boolean {
  return Object.values(filter).some((value) => value !== undefined)
}

/** The same order of everything. */
export function withoutFilters({ sort }: ListSearch): ListSearch {
  return sort === undefined ? {} : { sort }
}

/** The same with another value of one field, or without it. */
export function withField<Field extends keyof ListSearch>(
  search: ListSearch,
  field: Field,
  value: ListSearch[Field] | null,
): ListSearch {
  const { [field]: _, ...rest } = search
  return value === null || value === undefined || value === '' ? rest : { ...rest, [field]: value }
}
