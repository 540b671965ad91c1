import { Table } from '@mantine/core'
import type { ServicePrincipal } from '@hub/shared'
import { IconRobot } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { PagedList } from '../../components/paged-list.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { TextLink } from '../../components/router-link.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { PersonBadges } from './person-badges.tsx'
import { programsQuery } from './queries.ts'
import table from '../../components/table.module.css'
import rows from '../../components/rows.module.css'
import classes from './people.module.css'

/** Every program that has presented a token. */
export function ProgramsPage() {
  usePageTitle('Programs')
  const programs = useInfiniteQuery(programsQuery())
  return (
    <>
      <PageHeader title="Programs" below="Every program that has presented a token" />
      <PagedList
        list={programs}
        names={['program', 'programs']}
        empty={
          <StateMessage icon={IconRobot} title="No programs yet">
            A program appears here once it has presented a token from an issuer that the hub trusts
            (<code>JWT_ISSUERS</code>). It cannot do anything until somebody gives it a role.
          </StateMessage>
        }
      >
        {(items) => <ProgramTable programs={items} />}
      </PagedList>
    </>
  )
}

function ProgramTable({ programs }: { programs: readonly ServicePrincipal[] }) {
  return (
    <div>
      <Table className={table.table} verticalSpacing={10} horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Program</Table.Th>
            <Table.Th scope="col" visibleFrom="sm">
              Issuer
            </Table.Th>
            <Table.Th scope="col">Last seen</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {programs.map(({ clientId, disabledAt, displayName, id, issuer, lastSeenAt }) => (
            <Table.Tr key={id}>
              <Table.Td className={classes.name}>
                <TextLink
                  to="/access/programs/$program"
                  params={{ program: id }}
                  className={rows.strong}
                >
                  {displayName}
                </TextLink>
                <div className={classes.mono}>{clientId}</div>
                {disabledAt !== null && <PersonBadges person={{ disabledAt }} />}
              </Table.Td>
              <Table.Td visibleFrom="sm" className={classes.words}>
                {issuer}
              </Table.Td>
              <Table.Td>
                {lastSeenAt === null ? 'never' : <RelativeTime at={lastSeenAt} />}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}
