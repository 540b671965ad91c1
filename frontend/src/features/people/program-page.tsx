import { Stack, Text } from '@mantine/core'
import type { ServicePrincipal } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { CopyText } from '../../components/copy-text.tsx'
import { Facts } from '../../components/facts.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { Section } from '../../components/section.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { ButtonLink } from '../../components/router-link.tsx'
import { EffectiveAccessPanel } from './effective-access-panel.tsx'
import { GrantPanel } from './grant-panel.tsx'
import { PersonBadges } from './person-badges.tsx'
import type { PersonPageProps } from './person-page.tsx'
import { programQuery } from './queries.ts'
import { UnloadedPage } from './unloaded-page.tsx'

export type ProgramPageProps = Pick<PersonPageProps, 'id' | 'instances' | 'place' | 'onPlace'>

/** One program, and what it may do. */
export function ProgramPage(props: ProgramPageProps) {
  const program = useQuery(programQuery(props.id))
  usePageTitle(program.data?.displayName ?? 'Program')
  if (program.data === undefined) {
    return (
      <UnloadedPage
        query={program}
        title="The program could not be loaded"
        back={
          <ButtonLink variant="default" to="/access/programs">
            Back to programs
          </ButtonLink>
        }
      />
    )
  }
  return <Program {...props} program={program.data} />
}

function Program({
  program,
  instances,
  place,
  onPlace,
}: ProgramPageProps & { program: ServicePrincipal }) {
  const { clientId, createdAt, disabledAt, displayName, id, issuer, lastSeenAt, principal } =
    program
  const holder = { service: id }
  return (
    <>
      <PageHeader
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
          <ButtonLink variant="default" to="/audit" search={{ actor: principal }}>
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
        <Section title="Who it is">
          <Facts
            items={[
              { term: 'Principal', value: <CopyText text={principal} label="Copy principal" /> },
              { term: 'Issuer', value: issuer },
              { term: 'Client', value: <CopyText text={clientId} label="Copy client" /> },
            ]}
          />
          <Text size="sm" c="dimmed" mt="sm">
            It uses access tokens from this issuer and has no sessions.
          </Text>
        </Section>
      </Stack>
    </>
  )
}
