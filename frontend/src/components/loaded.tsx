import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { OutdatedNotice } from './outdated-notice.tsx'
import { ProblemMessage, type ProblemMessageProps } from './problem-message.tsx'

export interface LoadedProps<Data> extends Pick<ProblemMessageProps, 'title' | 'order'> {
  query: UseQueryResult<Data>
  /** While nothing is there yet. */
  placeholder: ReactNode
  children: (data: Data) => ReactNode
}

/** What a part of a page shows of a query; `title` says that it could not be read. What may be old says so. */
export function Loaded<Data>({ query, placeholder, children, ...problem }: LoadedProps<Data>) {
  if (query.isPending) return placeholder
  if (query.data !== undefined) {
    return (
      <>
        {query.isRefetchError && <OutdatedNotice onRetry={() => void query.refetch()} />}
        {children(query.data)}
      </>
    )
  }
  return <ProblemMessage {...problem} error={query.error} onRetry={() => void query.refetch()} />
}
