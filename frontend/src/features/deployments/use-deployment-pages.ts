import type { Deployment } from '@hub/shared'
import { useQueries, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { joinPages, type TableRows } from '../../components/virtual-table/paged-rows.ts'
import type { DeploymentFilter } from './list-filter.ts'
import { deploymentPageQuery, pageSize, type DeploymentPage } from './queries.ts'

/** A list as far as it is loaded. */
export interface DeploymentPages {
  rows: TableRows<Deployment>
  /** Who made those that are loaded through the hub, by principal. */
  owners: ReadonlySet<string>
  summary: Summary
}

type Summary = Pick<DeploymentPage, 'counts' | 'partial' | 'total' | 'readAt'>

export interface DeploymentPagesState {
  /** Null before the first page is there. */
  list: DeploymentPages | null
  /** What the rows are narrowed and ordered by: the filter before, until the first page of the new one is there. */
  filter: DeploymentFilter
  isWaiting: boolean
  /** Why a page could not be read, or not again. */
  error: Error | null
  retry: () => void
  onShown: (first: number, last: number) => void
}

/** So far beyond what is seen that a page is there before it is. */
const readAheadRows = 10
/** Pages that are passed quickly are not read. */
const lookEveryMs = 100

/** Reads the pages of a list that are shown. */
export function useDeploymentPages(wanted: DeploymentFilter): DeploymentPagesState {
  const wantedKey = JSON.stringify(wanted)
  const [active, setActive] = useState({ key: wantedKey, filter: wanted })
  const isWaiting = active.key !== wantedKey
  const coming = useQuery({ ...deploymentPageQuery(wanted, 0), enabled: isWaiting })
  if (isWaiting && !coming.isPending) setActive({ key: wantedKey, filter: wanted })

  const { first, last, onShown } = useShownPages(active.key)
  const [kept, setKept] = useState<{ key: string; summary: Summary } | null>(null)
  const known = kept?.key === active.key ? kept.summary : null
  const end = Math.max(0, Math.ceil((known?.total ?? 1) / pageSize) - 1)
  const { pages, errors } = useQueries({
    queries: listPages(Math.min(first, end), Math.min(last, end)).map((page) =>
      deploymentPageQuery(active.filter, page),
    ),
    combine: combinePages,
  })
  const summary = pages.reduce(chooseLatest, known)
  if (summary !== null && summary !== known) setKept({ key: active.key, summary })
  const list = useMemo(
    () =>
      summary && {
        rows: joinPages({ pages, pageSize, total: summary.total, keyOf: ({ uid }) => uid }),
        owners: new Set(
          pages.flatMap(({ items }) => items.flatMap(({ createdBy }) => createdBy ?? [])),
        ),
        summary,
      },
    [pages, summary],
  )
  return {
    list,
    filter: active.filter,
    isWaiting,
    error: errors[0]?.error ?? null,
    retry: () => {
      for (const { refetch } of errors) void refetch()
    },
    onShown,
  }
}

function combinePages(results: UseQueryResult<DeploymentPage>[]) {
  return {
    pages: results.flatMap(({ data }) => data ?? []),
    errors: results.flatMap(({ error, refetch }) => (error ? { error, refetch } : [])),
  }
}

/** The pages that are seen, looked at now and then while the list is scrolled. */
function useShownPages(key: string) {
  const [shown, setShown] = useState({ key, first: 0, last: 0 })
  const latest = useRef(shown)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const onShown = useCallback(
    (firstRow: number, lastRow: number) => {
      const first = Math.floor(Math.max(0, firstRow - readAheadRows) / pageSize)
      const last = Math.floor((lastRow + readAheadRows) / pageSize)
      const before = latest.current
      if (before.key === key && before.first === first && before.last === last) return
      latest.current = { key, first, last }
      timer.current ??= setTimeout(() => {
        timer.current = undefined
        setShown(latest.current)
      }, lookEveryMs)
    },
    [key],
  )
  // Another list begins at its beginning.
  return shown.key === key ? { ...shown, onShown } : { first: 0, last: 0, onShown }
}

function listPages(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at)
}

/** What the page says that was read last; it is kept while pages that are far away are read. */
function chooseLatest(latest: Summary | null, page: DeploymentPage): Summary {
  if (latest !== null && latest.readAt >= page.readAt) return latest
  const { counts, partial, readAt, total } = page
  return { counts, partial, readAt, total }
}
