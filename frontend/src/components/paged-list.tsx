import { Button, Group, Stack, Text } from '@mantine/core'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { describeError } from '../lib/api/problem.ts'
import { LoadingRows } from './loading-rows.tsx'
import { Notice } from './notice.tsx'
import { OutdatedNotice } from './outdated-notice.tsx'
import { ProblemMessage } from './problem-message.tsx'
import classes from './paged-list.module.css'

interface ListPage<Item> {
  items: readonly Item[]
  next: string | null
  /** How many there are on all pages. */
  total?: number
}

export interface PagedListProps<Item> {
  list: UseInfiniteQueryResult<InfiniteData<ListPage<Item>>>
  /** What is in it, as one and as several: "person", "people". */
  names: readonly [one: string, several: string]
  /** How far a search has come that is not at its end: "searched back to 3 May". */
  progress?: string | undefined
  /** Instead of a list with nothing in it. */
  empty: ReactNode
  children: (items: readonly Item[]) => ReactNode
}

/** A list that is read page by page, in each of its states. */
export function PagedList<Item>({ list, names, progress, empty, children }: PagedListProps<Item>) {
  const [one, several] = names
  if (list.isPending) return <LoadingRows name={several} />
  if (list.data === undefined) {
    return (
      <ProblemMessage
        error={list.error}
        title={`The ${several} could not be loaded`}
        onRetry={() => void list.refetch()}
      />
    )
  }
  const items = list.data.pages.flatMap((page) => page.items)
  const total = list.data.pages.at(-1)?.total ?? (list.hasNextPage ? null : items.length)
  const counted =
    total === null
      ? items.length === 0
        ? `No ${one} found so far`
        : `The first ${items.length} ${several}`
      : items.length < total
        ? `1 to ${items.length} of ${total} ${several}`
        : `${items.length} ${items.length === 1 ? one : several}`
  const isWaiting = list.isPlaceholderData
  return (
    <Stack gap="md">
      {list.isRefetchError && <OutdatedNotice onRetry={() => void list.refetch()} />}
      {items.length === 0 && !list.hasNextPage ? (
        <>{empty}</>
      ) : (
        <>
          {items.length > 0 && (
            <div className={classes.rows} data-waiting={isWaiting} aria-busy={isWaiting}>
              {children(items)}
            </div>
          )}
          {list.isFetchNextPageError && (
            <Notice tone="bad" role="alert" title={`No more ${several} could be read`}>
              {describeError(list.error)}
            </Notice>
          )}
          <Group justify="space-between" mih={36}>
            <Text size="sm" c="dimmed" aria-live="polite">
              {counted}
              {progress !== undefined && `, ${progress}`}
            </Text>
            {list.hasNextPage && (
              <Button
                variant="default"
                loading={list.isFetchingNextPage}
                onClick={() => void list.fetchNextPage()}
              >
                {progress === undefined ? 'Show more' : 'Search further'}
              </Button>
            )}
          </Group>
        </>
      )}
    </Stack>
  )
}
