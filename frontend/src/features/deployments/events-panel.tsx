import type { DeploymentEvents } from '@hub/shared'
import { Skeleton, Text } from '@mantine/core'
import { IconListDetails } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Loaded } from '../../components/loaded.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { ToneIcon } from '../../components/tone-icon.tsx'
import { eventsQuery, type DeploymentCoordinates } from './queries.ts'
import classes from './events-panel.module.css'

/** What the cluster reported about a deployment and what was made of it, the latest first. */
export function EventsPanel({ at }: { at: DeploymentCoordinates }) {
  const events = useQuery(eventsQuery(at))
  return (
    <Loaded
      query={events}
      title="The events could not be loaded"
      placeholder={<Skeleton height={160} aria-hidden />}
    >
      {(data) => <Events events={data} />}
    </Loaded>
  )
}

function Events({ events: { items, more } }: { events: DeploymentEvents }) {
  if (items.length === 0) {
    return (
      <StateMessage icon={IconListDetails} title="No events">
        Clusters usually forget events after an hour. New events appear here.
      </StateMessage>
    )
  }
  return (
    <>
      <ol className={classes.events} aria-label="Events">
        {items.map(({ type, reason, message, kind, objects, count, lastAt }) => (
          <li key={JSON.stringify([type, reason, message, kind])} className={classes.event}>
            <ToneIcon tone={type === 'Warning' ? 'warning' : 'neutral'} size={16} />
            <div className={classes.words}>
              <p className={classes.message}>{message === '' ? reason : message}</p>
              <Text size="sm" c="dimmed">
                {type === 'Warning' ? 'Warning: ' : ''}
                {reason} · {kind} {objects.join(', ')}
                {count > 1 && ` · ${count} times`}
                {lastAt !== null && (
                  <>
                    {' · '}
                    <RelativeTime at={lastAt} />
                  </>
                )}
              </Text>
            </div>
          </li>
        ))}
      </ol>
      {more && (
        <Text size="sm" c="dimmed" mt="sm">
          There are more events than shown here. kubectl events lists all of them.
        </Text>
      )}
    </>
  )
}
