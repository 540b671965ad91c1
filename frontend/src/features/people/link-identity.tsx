import { Button, Modal, Skeleton, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { User, UserIdentity } from '@hub/shared'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { ProblemNotice } from '../../components/problem-notice.tsx'
import { SearchField } from '../../components/search-field.tsx'
import rows from '../../components/rows.module.css'
import { linkIdentityMutation } from './mutations.ts'
import { peopleQuery } from './queries.ts'
import classes from './people.module.css'

/** An identity, and whose it is now. */
interface Choice {
  owner: User
  identity: UserIdentity
}

/** Makes somebody else's identity one of this person's. */
export function LinkIdentity({ person }: { person: User }) {
  const [opened, { open, close }] = useDisclosure(false)
  return (
    <>
      <Button variant="default" onClick={open}>
        Link an identity
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`Link an identity to ${person.displayName}`}
        size="lg"
      >
        <LinkForm person={person} onDone={close} />
      </Modal>
    </>
  )
}

function LinkForm({ person, onDone }: { person: User; onDone: () => void }) {
  const [q, setQ] = useState('')
  const [chosen, setChosen] = useState<Choice | null>(null)
  if (chosen !== null) {
    return (
      <ConfirmLink person={person} chosen={chosen} onBack={() => setChosen(null)} onDone={onDone} />
    )
  }
  return (
    <Stack gap="md">
      <Text size="sm">
        Which account is {person.displayName} too? It must have signed in here at least once.
      </Text>
      <div className={classes.filters}>
        <SearchField
          label="Search identities"
          placeholder="Name, e-mail address or principal"
          text={q}
          onChange={setQ}
        />
      </div>
      <Choices person={person} q={q.trim()} onChoose={setChosen} />
    </Stack>
  )
}

function Choices({
  person,
  q,
  onChoose,
}: {
  person: User
  q: string
  onChoose: (chosen: Choice) => void
}) {
  const people = useInfiniteQuery(peopleQuery(q === '' ? {} : { q }))
  if (people.isPending) return <Skeleton height={88} aria-hidden />
  if (people.data === undefined) {
    return (
      <ProblemMessage
        error={people.error}
        title="The people could not be loaded"
        order={3}
        onRetry={() => void people.refetch()}
      />
    )
  }
  const others = people.data.pages
    .flatMap(({ items }) => items)
    .filter(({ id }) => id !== person.id)
  if (others.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nobody else matches.
      </Text>
    )
  }
  return (
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
              onClick={() => onChoose({ owner, identity })}
            >
              Choose
            </Button>
          </li>
        )),
      )}
    </ul>
  )
}

function ConfirmLink({
  person,
  chosen: { identity, owner },
  onBack,
  onDone,
}: {
  person: User
  chosen: Choice
  onBack: () => void
  onDone: () => void
}) {
  const linking = useMutation({ ...linkIdentityMutation(person.id), onSuccess: onDone })
  const isLast = owner.identities.length === 1
  return (
    <Stack gap="md">
      <Text size="sm">
        From now on, whoever signs in as <strong>{identity.principal}</strong> is{' '}
        {person.displayName}, with all of {person.displayName}’s roles. Sessions of that identity
        end.{' '}
        {isLast
          ? `${owner.displayName} has no other identity: that person and their API tokens are removed, and roles given to them by hand move to ${person.displayName}.`
          : `${owner.displayName} stays, with their other identities, roles and API tokens.`}
      </Text>
      {linking.isError && <ProblemNotice title="It was not linked" error={linking.error} />}
      <div className={classes.head}>
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button
          loading={linking.isPending}
          onClick={() => linking.mutate(identity.id)}
          data-autofocus
        >
          Same person: link
        </Button>
      </div>
    </Stack>
  )
}
