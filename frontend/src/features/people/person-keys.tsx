import { Button, Group, Skeleton, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { Session } from '@hub/shared'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import rows from '../../components/rows.module.css'
import { TokenRow } from '../../components/token-row.tsx'
import { describeUserAgent } from '../../lib/access/words.ts'
import { endSessionOf, endSessionsOf, revokeTokenOf } from '../../lib/api/admin-client.ts'
import { sessionsOfQuery, tokensOfQuery } from './queries.ts'

/** Where the person is signed in, and the way to end it there. */
export function PersonSessionPanel({ user, name }: { user: string; name: string }) {
  const sessions = useQuery(sessionsOfQuery(user))
  return (
    <Panel title="Browser sessions">
      {sessions.isPending ? (
        <Skeleton height={44} aria-hidden />
      ) : sessions.data === undefined ? (
        <ProblemMessage
          error={sessions.error}
          title="The sessions could not be loaded"
          order={3}
          onRetry={() => void sessions.refetch()}
        />
      ) : sessions.data.items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {name} is signed in nowhere.
        </Text>
      ) : (
        <>
          <ul className={rows.list}>
            {sessions.data.items.map((session) => (
              <SessionRow key={session.id} user={user} session={session} />
            ))}
          </ul>
          {sessions.data.items.length > 1 && (
            <Group justify="flex-end" mt="sm">
              <EndSessions
                user={user}
                title={`Sign ${name} out everywhere?`}
                label="Sign out everywhere"
              />
            </Group>
          )}
        </>
      )}
    </Panel>
  )
}

function SessionRow({ user, session }: { user: string; session: Session }) {
  const { createdAt, id, ip, isCurrent, lastSeenAt, userAgent } = session
  const where = describeUserAgent(userAgent)
  return (
    <li className={rows.row}>
      <div className={rows.what}>
        <span className={rows.strong}>{where}</span>
        <Text size="xs" c="dimmed">
          {ip === null ? '' : `${ip} · `}signed in <RelativeTime at={createdAt} />, last used{' '}
          <RelativeTime at={lastSeenAt} />
        </Text>
      </div>
      {isCurrent ? (
        <StatusBadge tone="good" label="This browser" />
      ) : (
        <EndSessions
          user={user}
          session={id}
          title={`Sign out ${where}?`}
          label="Sign out"
          ariaLabel={`Sign out ${where}`}
        />
      )}
    </li>
  )
}

/** One session, or without it all of them. */
function EndSessions({
  user,
  session,
  title,
  label,
  ariaLabel = label,
}: {
  user: string
  session?: string
  title: string
  label: string
  ariaLabel?: string
}) {
  const [opened, { open, close }] = useDisclosure(false)
  const client = useQueryClient()
  const ending = useMutation({
    mutationFn: () => (session === undefined ? endSessionsOf(user) : endSessionOf(user, session)),
    onSuccess: () => {
      close()
      void client.invalidateQueries({ queryKey: sessionsOfQuery(user).queryKey })
    },
  })
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={ariaLabel}
        onClick={() => {
          ending.reset()
          open()
        }}
      >
        {label}
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={close}
        title={title}
        action="Sign out"
        isDestructive
        isPending={ending.isPending}
        error={ending.error}
        onConfirm={() => ending.mutate()}
      >
        Pages that are open there lead to the sign-in page. Whoever is not disabled can sign in
        again; API tokens go on working.
      </ConfirmDialog>
    </>
  )
}

/** The tokens that act in the person's name. */
export function PersonTokenPanel({ user }: { user: string }) {
  const tokens = useQuery(tokensOfQuery(user))
  const client = useQueryClient()
  return (
    <Panel title="API tokens">
      {tokens.isPending ? (
        <Skeleton height={44} aria-hidden />
      ) : tokens.data === undefined ? (
        <ProblemMessage
          error={tokens.error}
          title="The tokens could not be loaded"
          order={3}
          onRetry={() => void tokens.refetch()}
        />
      ) : tokens.data.items.length === 0 ? (
        <Text size="sm" c="dimmed">
          They have no tokens.
        </Text>
      ) : (
        <ul className={rows.list}>
          {tokens.data.items.map((token) => (
            <TokenRow
              key={token.id}
              token={token}
              revoke={() => revokeTokenOf(user, token.id)}
              onRevoked={() =>
                void client.invalidateQueries({ queryKey: tokensOfQuery(user).queryKey })
              }
            />
          ))}
        </ul>
      )}
    </Panel>
  )
}
