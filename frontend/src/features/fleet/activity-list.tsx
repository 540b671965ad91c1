import type { Activity } from '@hub/shared'
import { Button, Skeleton } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Avatar } from '../../components/avatar.tsx'
import { OutdatedNotice } from '../../components/outdated-notice.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Section } from '../../components/section.tsx'
import { describeAction } from '../../lib/audit-actions.ts'
import { activityQuery } from './queries.ts'
import classes from './activity-list.module.css'

export interface ActivityListProps {
  /** A link to what was changed, where there is such a page. */
  renderTarget: (target: NonNullable<Activity['target']>) => ReactNode
}

/** Who did what of late. */
export function ActivityList({ renderTarget }: ActivityListProps) {
  const activity = useInfiniteQuery(activityQuery())
  return (
    <Section title="Recent activity">
      {activity.isPending ? (
        <Skeleton height={160} aria-hidden />
      ) : activity.data === undefined ? (
        <ProblemMessage
          error={activity.error}
          title="Recent activity could not be loaded"
          onRetry={() => void activity.refetch()}
        />
      ) : (
        <>
          {activity.isRefetchError && <OutdatedNotice onRetry={() => void activity.refetch()} />}
          <Items
            items={activity.data.pages.flatMap(({ items }) => items)}
            hasMore={activity.hasNextPage}
            renderTarget={renderTarget}
          />
          {activity.hasNextPage && (
            <Button
              variant="default"
              size="xs"
              mt="sm"
              loading={activity.isFetchingNextPage}
              onClick={() => void activity.fetchNextPage()}
            >
              Show earlier
            </Button>
          )}
        </>
      )}
    </Section>
  )
}

function Items({
  items,
  hasMore,
  renderTarget,
}: ActivityListProps & { items: readonly Activity[]; hasMore: boolean }) {
  if (items.length === 0) {
    return (
      <p className={classes.none}>
        {hasMore
          ? 'None of the latest changes are visible to you.'
          : 'Nobody has changed anything yet. Deployments that are created, changed or deleted appear here.'}
      </p>
    )
  }
  return (
    <ol className={classes.items}>
      {items.map(({ id, at, person, about, action, target, outcome }) => (
        <li key={id} className={classes.item}>
          <Avatar name={person?.displayName ?? 'Hub'} />
          <div className={classes.words}>
            <span className={classes.who}>{person?.displayName ?? 'The hub'}</span>{' '}
            {toMiddle(describeAction(action))}
            {about && <>: {about.displayName}</>}
            {target && (
              <>
                {about ? ', ' : ': '}
                {renderTarget(target)}
              </>
            )}
            {outcome !== 'success' && (
              <span className={classes.outcome}>
                {' '}
                ({outcome === 'failure' ? 'failed' : 'outcome unknown'})
              </span>
            )}
            <div className={classes.time}>
              <RelativeTime at={at} />
            </div>
          </div>
        </li>
      ))}
    </ol>
  )
}

/** Within a sentence; names such as API stay as they are. */
function toMiddle(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
