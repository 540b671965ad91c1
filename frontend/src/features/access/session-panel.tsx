import { Button, Group, Skeleton, Stack } from '@mantine/core'
import type { Session } from '@hub/shared'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Loaded } from '../../components/loaded.tsx'
import { notifyFailure } from '../../components/notify.ts'
import { Section } from '../../components/section.tsx'
import { SessionRow } from '../../components/session-row.tsx'
import rows from '../../components/rows.module.css'
import { endOtherSessionsMutation, endSessionMutation, sessionsQuery } from './queries.ts'

/** Where the person is signed in, and the way to end it there. */
export function SessionPanel() {
  return (
    <Section title="Browser sessions">
      <Loaded
        query={useQuery(sessionsQuery())}
        title="Your sessions could not be loaded"
        order={3}
        placeholder={
          <Stack gap="sm" aria-hidden>
            <Skeleton height={44} />
            <Skeleton height={44} />
          </Stack>
        }
      >
        {({ items }) => <Sessions items={items} />}
      </Loaded>
    </Section>
  )
}

function Sessions({ items }: { items: readonly Session[] }) {
  const onError = (error: unknown) => notifyFailure(error, 'The session was not ended')
  const ending = useMutation({ ...endSessionMutation(), onError })
  const endingOthers = useMutation({ ...endOtherSessionsMutation(), onError })
  const others = items.filter(({ isCurrent }) => !isCurrent)
  return (
    <>
      <ul className={rows.list}>
        {items.map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            renderEnd={(where) => (
              <Button
                variant="default"
                size="xs"
                aria-label={`Sign out ${where}`}
                loading={ending.isPending && ending.variables === session.id}
                onClick={() => ending.mutate(session.id)}
              >
                Sign out
              </Button>
            )}
          />
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
