import { Group, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Section } from '../../components/section.tsx'
import { SessionRow } from '../../components/session-row.tsx'
import rows from '../../components/rows.module.css'
import { TokenRow } from '../../components/token-row.tsx'
import { endSessionsMutation, revokeTokenMutation } from './mutations.ts'
import { sessionsOfQuery, tokensOfQuery } from './queries.ts'

/** Where the person is signed in, and the way to end it there. */
export function PersonSessionPanel({ user, name }: { user: string; name: string }) {
  return (
    <Section title="Browser sessions">
      <Loaded
        query={useQuery(sessionsOfQuery(user))}
        title="The sessions could not be loaded"
        order={3}
        placeholder={<Skeleton height={44} aria-hidden />}
      >
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              {name} is signed in nowhere.
            </Text>
          ) : (
            <>
              <ul className={rows.list}>
                {items.map((session) => (
                  <SessionRow
                    key={session.id}
                    session={session}
                    renderEnd={(where) => (
                      <EndSessions
                        user={user}
                        session={session.id}
                        title={`Sign out ${where}?`}
                        label="Sign out"
                        ariaLabel={`Sign out ${where}`}
                      />
                    )}
                  />
                ))}
              </ul>
              {items.length > 1 && (
                <Group justify="flex-end" mt="sm">
                  <EndSessions
                    user={user}
                    title={`Sign ${name} out everywhere?`}
                    label="Sign out everywhere"
                  />
                </Group>
              )}
            </>
          )
        }
      </Loaded>
    </Section>
  )
}

/** One session, or without it all of them. */
function EndSessions({
  user,
  session,
  ...button
}: {
  user: string
  session?: string
  title: string
  label: string
  ariaLabel?: string
}) {
  return (
    <ConfirmButton
      {...button}
      action="Sign out"
      isDestructive
      mutation={endSessionsMutation(user, session)}
    >
      Open pages return to the sign-in page. Unless disabled, they can sign in again; API tokens
      keep working.
    </ConfirmButton>
  )
}

/** The tokens that act in the person's name. */
export function PersonTokenPanel({ user }: { user: string }) {
  return (
    <Section title="API tokens">
      <Loaded
        query={useQuery(tokensOfQuery(user))}
        title="The tokens could not be loaded"
        order={3}
        placeholder={<Skeleton height={44} aria-hidden />}
      >
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              They have no tokens.
            </Text>
          ) : (
            <ul className={rows.list}>
              {items.map((token) => (
                <TokenRow
                  key={token.id}
                  token={token}
                  revoke={revokeTokenMutation(user, token.id)}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  )
}
