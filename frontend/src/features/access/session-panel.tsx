import { Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import type { Session } from '@hub/shared'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { notifyFailure } from '../../components/notify-failure.ts'
import { Panel } from '../../components/panel.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import rows from '../../components/rows.module.css'
import { endOtherSessions, endSession } from '../../lib/api/client.ts'
import { describeUserAgent } from '../../lib/access/words.ts'
import { sessionsQuery } from './queries.ts'

/** Where the person is signed in, and the way to end it there. */
export function SessionPanel() {
  const sessions = useQuery(sessionsQuery())
  return (
    <Panel title="Browser sessions">
      {sessions.isPending ? (
        <Stack gap="sm" aria-hidden>
          <Skeleton height={44} />
          <Skeleton height={44} />
        </Stack>
      ) : sessions.data === undefined ? (
        <ProblemMessage
          error={sessions.error}
          title="Your sessions could not be loaded"
          order={3}
          onRetry={() => void sessions.refetch()}
        />
      ) : (
        <Sessions items={sessions.data.items} />
      )}
    </Panel>
  )
}

function Sessions({ items }: { items: readonly Session[] }) {
  const client = useQueryClient()
  const settle = {
    onError: (error: unknown) => notifyFailure(error, 'The session goes on'),
    onSettled: () => void client.invalidateQueries({ queryKey: sessionsQuery().queryKey }),
  }
  const ending = useMutation({ mutationFn: endSession, ...settle })
  const endingOthers = useMutation({ mutationFn: endOtherSessions, ...settle })
  const others = items.filter(({ isCurrent }) => !isCurrent)
  return (
    <>
      <ul className={rows.list}>
        {items.map((session) => (
          <li key={session.id} className={rows.row}>
            <div className={rows.what}>
              <span className={rows.strong}>{describeUserAgent(session.userAgent)}</span>
              <Text size="xs" c="dimmed">
                {session.ip === null ? '' : `${session.ip} · `}signed in{' '}
                <RelativeTime at={session.createdAt} />, last used{' '}
                <RelativeTime at={session.lastSeenAt} />
              </Text>
            </div>
            {session.isCurrent ? (
              <StatusBadge tone="good" label="This browser" />
            ) : (
              <Button
                variant="default"
                size="xs"
                aria-label={`Sign out ${describeUserAgent(session.userAgent)}`}
                loading={ending.isPending && ending.variables === session.id}
                onClick={() => ending.mutate(session.id)}
              >
                Sign out
              </Button>
            )}
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <Group justify="flex-end" mt="sm">
          <Button
            variant="default"
            loading={endingOthers.isPending}
            onClick={() => endingOthers.mutate()}
          >
            Sign out everywhere else
          </Button>
        </Group>
      )}
    </>
  )
}
