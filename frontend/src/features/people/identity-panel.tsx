import { Button, Modal, Skeleton, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { User, UserIdentity } from '@hub/shared'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { CopyText } from '../../components/copy-text.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { ProblemNotice } from '../../components/problem-notice.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { SearchField } from '../../components/search-field.tsx'
import rows from '../../components/rows.module.css'
import { describeProvider } from '../../lib/access/words.ts'
import { linkIdentity, unlinkIdentity } from '../../lib/api/admin-client.ts'
import { describeGroups } from './people-words.ts'
import { effectiveAccessKey, grantsQuery, peopleKey, peopleQuery } from './queries.ts'
import classes from './people.module.css'

export interface IdentityPanelProps {
  person: User
  onPerson: (id: string) => void
}

/** The ways in that are this person. */
export function IdentityPanel({ person, onPerson }: IdentityPanelProps) {
  const [linking, link] = useDisclosure(false)
  return (
    <Panel title="Identities">
      <div className={classes.head}>
        <Text size="sm" c="dimmed" className={rows.what}>
          Every account that signs in as this person. They share the person’s roles.
        </Text>
        <Button variant="default" onClick={link.open}>
          Link an identity
        </Button>
      </div>
      <ul className={rows.list}>
        {person.identities.map((identity) => (
          <li key={identity.id} className={rows.row}>
            <div className={rows.what}>
              <span className={rows.strong}>{describeProvider(identity.provider)}</span>
              <CopyText text={identity.principal} label={`Copy ${identity.principal}`} />
              <Text size="xs" c="dimmed">
                {identity.email !== null && `${identity.email} · `}last signed in{' '}
                <RelativeTime at={identity.lastSignInAt} />
              </Text>
              {identity.fault === null && describeGroups(identity) !== null && (
                <Text size="xs" c="dimmed">
                  {describeGroups(identity)}
                </Text>
              )}
              {identity.fault !== null && (
                <Text size="xs">
                  <strong>Does not count now.</strong> {identity.fault}
                </Text>
              )}
            </div>
            {person.identities.length > 1 && (
              <Unlink person={person} identity={identity} onPerson={onPerson} />
            )}
          </li>
        ))}
      </ul>
      <Modal
        opened={linking}
        onClose={link.close}
        title={`Link an identity to ${person.displayName}`}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <LinkForm person={person} onDone={link.close} />
      </Modal>
    </Panel>
  )
}

function Unlink({ person, identity, onPerson }: IdentityPanelProps & { identity: UserIdentity }) {
  const [opened, { open, close }] = useDisclosure(false)
  const client = useQueryClient()
  const unlinking = useMutation({
    mutationFn: () => unlinkIdentity(person.id, identity.id),
    onSuccess: ({ id }) => {
      close()
      for (const queryKey of [peopleKey, grantsQuery({ user: person.id }).queryKey]) {
        void client.invalidateQueries({ queryKey })
      }
      onPerson(id)
    },
  })
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={`Unlink ${identity.principal}`}
        onClick={() => {
          unlinking.reset()
          open()
        }}
      >
        Unlink
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={close}
        title={`Unlink ${identity.principal}?`}
        action="Unlink identity"
        isDestructive
        isPending={unlinking.isPending}
        error={unlinking.error}
        onConfirm={() => unlinking.mutate()}
      >
        It becomes a person of its own, who holds no role but what its groups give. Everything that
        was granted, and every API token, stays with {person.displayName}. Its sessions end.
      </ConfirmDialog>
    </>
  )
}

function LinkForm({ person, onDone }: { person: User; onDone: () => void }) {
  const [q, setQ] = useState('')
  const [chosen, setChosen] = useState<{ owner: User; identity: UserIdentity } | null>(null)
  const client = useQueryClient()
  const people = useInfiniteQuery(peopleQuery(q.trim() === '' ? {} : { q: q.trim() }))
  const linking = useMutation({
    mutationFn: (identityId: string) => linkIdentity(person.id, identityId),
    onSuccess: () => {
      for (const queryKey of [
        peopleKey,
        effectiveAccessKey,
        grantsQuery({ user: person.id }).queryKey,
      ]) {
        void client.invalidateQueries({ queryKey })
      }
      onDone()
    },
  })
  if (chosen !== null) {
    const { identity, owner } = chosen
    const isLast = owner.identities.length === 1
    return (
      <Stack gap="md">
        <Text size="sm">
          From now on whoever signs in as <strong>{identity.principal}</strong> is{' '}
          {person.displayName}, with all roles of {person.displayName}. Sessions by that identity
          end.{' '}
          {isLast
            ? `Nothing else is left of ${owner.displayName}: that person goes with their API tokens, and the roles that were given to them by hand move to ${person.displayName}.`
            : `${owner.displayName} stays, with their other identities, roles and API tokens.`}
        </Text>
        {linking.isError && <ProblemNotice title="It was not linked" error={linking.error} />}
        <div className={classes.head}>
          <Button variant="default" onClick={() => setChosen(null)}>
            Back
          </Button>
          <Button
            loading={linking.isPending}
            onClick={() => linking.mutate(identity.id)}
            data-autofocus
          >
            They are the same: link
          </Button>
        </div>
      </Stack>
    )
  }
  const others = (people.data?.pages ?? [])
    .flatMap(({ items }) => items)
    .filter(({ id }) => id !== person.id)
  return (
    <Stack gap="md">
      <Text size="sm">
        Which account is {person.displayName} too? It has to have signed in here once.
      </Text>
      <div className={classes.filters}>
        <SearchField
          label="Search identities"
          placeholder="Name, e-mail address or principal"
          text={q}
          onChange={setQ}
        />
      </div>
      {people.isPending ? (
        <Skeleton height={88} aria-hidden />
      ) : people.data === undefined ? (
        <ProblemMessage
          error={people.error}
          title="The people could not be loaded"
          order={3}
          onRetry={() => void people.refetch()}
        />
      ) : others.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nobody else matches.
        </Text>
      ) : (
        <ul className={rows.list}>
          {others.flatMap((owner) =>
            owner.identities.map((identity) => (
              <li key={identity.id} className={rows.row}>
                <div className={rows.what}>
                  <span className={rows.strong}>{owner.displayName}</span>
                  <div className={classes.mono}>{identity.principal}</div>
                </div>
                <Button
                  variant="default"
                  size="xs"
                  aria-label={`Choose ${identity.principal}`}
                  onClick={() => {
                    linking.reset()
                    setChosen({ owner, identity })
                  }}
                >
                  Choose
                </Button>
              </li>
            )),
          )}
        </ul>
      )}
    </Stack>
  )
}
