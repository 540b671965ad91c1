import { Skeleton, Stack, Text } from '@mantine/core'
import type { ServicePrincipal, User } from '@hub/shared'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { CopyText } from '../../components/copy-text.tsx'
import { Facts } from '../../components/facts.tsx'
import { Notice } from '../../components/notice.tsx'
import { PageHeader, usePageTitle } from '../../components/page-header.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { ButtonLink, TextLink } from '../../components/router-link.tsx'
import { Trail } from '../../components/trail.tsx'
import { EffectiveAccessPanel, type PlaceSearch } from './effective-access-panel.tsx'
import { GrantPanel } from './grant-panel.tsx'
import { IdentityPanel } from './identity-panel.tsx'
import { PersonBadges } from './person-badges.tsx'
import { PersonSessionPanel, PersonTokenPanel } from './person-keys.tsx'
import { personQuery, programQuery } from './queries.ts'
import { SetDisabled } from './set-disabled.tsx'

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
  const trail = (
    <Trail>
      <TextLink to="/admin/users">People</TextLink>
    </Trail>
  )
  if (person.data === undefined) {
    return (
      <Unloaded
        query={person}
        trail={trail}
        title="The person could not be loaded"
        back={
          <ButtonLink variant="default" to="/admin/users">
            Back to people
          </ButtonLink>
        }
      />
    )
  }
  return <Person {...props} person={person.data} trail={trail} />
}

function Person({
  person,
  trail,
  ownPrincipal,
  instances,
  place,
  onPlace,
  onPerson,
}: PersonPageProps & { person: User; trail: ReactNode }) {
  const { createdAt, disabledAt, displayName, email, id, identities, lastSignInAt } = person
  const isSelf = identities.some(({ principal }) => principal === ownPrincipal)
  const holder = { user: id }
  return (
    <>
      <PageHeader
        above={trail}
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
              to="/admin/audit"
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
            Since <RelativeTime at={disabledAt} />: no sign-in succeeds, and no token works.
          </Notice>
        )}
        {disabledAt === null && identities.every(({ fault }) => fault !== null) && (
          <Notice tone="warning" title={`${displayName} cannot come in now`}>
            None of their identities counts: sessions, API tokens and roles rest. Below,{' '}
            <strong>Identities</strong> says why.
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

export type ProgramPageProps = Pick<PersonPageProps, 'id' | 'instances' | 'place' | 'onPlace'>

/** One program, and what it may do. */
export function ProgramPage(props: ProgramPageProps) {
  const program = useQuery(programQuery(props.id))
  usePageTitle(program.data?.displayName ?? 'Program')
  const trail = (
    <Trail>
      <TextLink to="/admin/service-principals">Programs</TextLink>
    </Trail>
  )
  if (program.data === undefined) {
    return (
      <Unloaded
        query={program}
        trail={trail}
        title="The program could not be loaded"
        back={
          <ButtonLink variant="default" to="/admin/service-principals">
            Back to programs
          </ButtonLink>
        }
      />
    )
  }
  return <Program {...props} program={program.data} trail={trail} />
}

function Program({
  program,
  trail,
  instances,
  place,
  onPlace,
}: ProgramPageProps & { program: ServicePrincipal; trail: ReactNode }) {
  const { clientId, createdAt, disabledAt, displayName, id, issuer, lastSeenAt, principal } =
    program
  const holder = { service: id }
  return (
    <>
      <PageHeader
        above={trail}
        title={displayName}
        badge={<PersonBadges person={{ disabledAt }} />}
        below={
          <>
            {lastSeenAt === null ? (
              'Never seen'
            ) : (
              <>
                Last seen <RelativeTime at={lastSeenAt} />
              </>
            )}{' '}
            · here since <RelativeTime at={createdAt} />
          </>
        }
        actions={
          <ButtonLink variant="default" to="/admin/audit" search={{ actor: principal }}>
            What it did
          </ButtonLink>
        }
      />
      <Stack gap="md">
        <GrantPanel
          holder={holder}
          name={displayName}
          instances={instances}
          isSelf={false}
          isDisabled={disabledAt !== null}
        />
        <EffectiveAccessPanel
          holder={holder}
          instances={instances}
          place={place}
          onPlace={onPlace}
        />
        <Panel title="Who it is">
          <Facts
            items={[
              { term: 'Principal', value: <CopyText text={principal} label="Copy principal" /> },
              { term: 'Issuer', value: issuer },
              { term: 'Client', value: <CopyText text={clientId} label="Copy client" /> },
            ]}
          />
          <Text size="sm" c="dimmed" mt="sm">
            It signs in with access tokens of this issuer, and holds no session.
          </Text>
        </Panel>
      </Stack>
    </>
  )
}

/** While it is read, and where it cannot be. */
function Unloaded({
  query: { error, isPending, refetch },
  trail,
  title,
  back,
}: {
  query: Pick<UseQueryResult, 'error' | 'isPending' | 'refetch'>
  trail: ReactNode
  title: string
  back: ReactNode
}) {
  if (isPending) return <LoadingPage trail={trail} />
  return (
    <>
      {trail}
      <Panel>
        <ProblemMessage
          error={error}
          title={title}
          order={1}
          onRetry={() => void refetch()}
          actions={back}
        />
      </Panel>
    </>
  )
}

function LoadingPage({ trail }: { trail: ReactNode }) {
  return (
    <>
      {trail}
      <Stack gap="md" aria-hidden>
        <Skeleton height={32} width={240} />
        <Skeleton height={180} radius="md" />
        <Skeleton height={180} radius="md" />
      </Stack>
    </>
  )
}
