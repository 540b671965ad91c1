import { Stack } from '@mantine/core'
import type { User } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { Notice } from '../../components/notice.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { RelativeTime } from '../../components/relative-time.tsx'
import { ButtonLink } from '../../components/router-link.tsx'
import { EffectiveAccessPanel } from './effective-access-panel.tsx'
import { GrantPanel } from './grant-panel.tsx'
import { IdentityPanel } from './identity-panel.tsx'
import { PersonBadges } from './person-badges.tsx'
import { PersonSessionPanel, PersonTokenPanel } from './person-keys.tsx'
import type { PlaceSearch } from './place-fields.tsx'
import { personQuery } from './queries.ts'
import { SetDisabled } from './set-disabled.tsx'
import { UnloadedPage } from './unloaded-page.tsx'

export interface PersonPageProps {
  id: string
  /** Of the administrator who looks: some things nobody does to themselves. */
  ownPrincipal: string
  /** The names to suggest. */
  instances: readonly string[]
  place: PlaceSearch
  onPlace: (place: PlaceSearch) => void
  /** Where an identity that became a person of its own is shown. */
  onPerson: (id: string) => void
}

/** One person, what they may do, and everything that can act in their name. */
export function PersonPage(props: PersonPageProps) {
  const person = useQuery(personQuery(props.id))
  usePageTitle(person.data?.displayName ?? 'Person')
  if (person.data === undefined) {
    return (
      <UnloadedPage
        query={person}
        title="The person could not be loaded"
        back={
          <ButtonLink variant="default" to="/access/people">
            Back to people
          </ButtonLink>
        }
      />
    )
  }
  return <Person {...props} person={person.data} />
}

function Person({
  person,
  ownPrincipal,
  instances,
  place,
  onPlace,
  onPerson,
}: PersonPageProps & { person: User }) {
  const { createdAt, disabledAt, displayName, email, id, identities, lastSignInAt } = person
  const isSelf = identities.some(({ principal }) => principal === ownPrincipal)
  const holder = { user: id }
  return (
    <>
      <PageHeader
        title={displayName}
        badge={<PersonBadges person={person} />}
        below={
          <>
            {email === null ? 'Last' : `${email} · last`} signed in{' '}
            <RelativeTime at={lastSignInAt} /> · here since <RelativeTime at={createdAt} />
          </>
        }
        actions={
          <>
            <ButtonLink
              variant="default"
              to="/audit"
              search={{ actor: identities[0]?.principal ?? id }}
            >
              What they did
            </ButtonLink>
            {!isSelf && <SetDisabled person={person} />}
          </>
        }
      />
      <Stack gap="md">
        {disabledAt !== null && (
          <Notice tone="bad" title={`${displayName} is disabled`}>
            Since <RelativeTime at={disabledAt} />: they cannot sign in, and their tokens do not
            work.
          </Notice>
        )}
        {disabledAt === null && identities.every(({ fault }) => fault !== null) && (
          <Notice tone="warning" title={`${displayName} cannot sign in at the moment`}>
            None of their identities is accepted, so their sessions, API tokens and roles are
            suspended. See <strong>Identities</strong> below for the reason.
          </Notice>
        )}
        <GrantPanel
          holder={holder}
          name={displayName}
          instances={instances}
          isSelf={isSelf}
          isDisabled={disabledAt !== null}
        />
        <EffectiveAccessPanel
          holder={holder}
          instances={instances}
          place={place}
          onPlace={onPlace}
        />
        <IdentityPanel person={person} onPerson={onPerson} />
        <PersonSessionPanel user={id} name={displayName} />
        <PersonTokenPanel user={id} />
      </Stack>
    </>
  )
}
