import { SegmentedControl, Table, Text } from '@mantine/core'
import type { User } from '@hub/shared'
import { IconUsers } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { NoMatch } from '../../components/no-match.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { PagedList } from '../../components/paged-list.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { TextLink } from '../../components/router-link.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { describeProvider } from '../../lib/access/words.ts'
import { PersonBadges } from './person-badges.tsx'
import { peopleQuery } from './queries.ts'
import table from '../../components/table.module.css'
import rows from '../../components/rows.module.css'
import classes from './people.module.css'

/** What narrows the list, as the address has it. */
export interface PeopleSearch {
  q?: string
  status?: 'enabled' | 'disabled'
}

export interface PeoplePageProps {
  search: PeopleSearch
  onSearch: (search: PeopleSearch) => void
}

/** Everybody who has signed in. */
export function PeoplePage({ search, onSearch }: PeoplePageProps) {
  usePageTitle('People')
  const people = useInfiniteQuery(peopleQuery(search))
  const isFiltered = search.q !== undefined || search.status !== undefined
  return (
    <>
      <PageHeader title="People" below="Everybody who has signed in" />
      <Filters search={search} onSearch={onSearch} />
      <PagedList
        list={people}
        names={['person', 'people']}
        empty={
          isFiltered ? (
            <NoMatch title="Nobody matches" onClear={() => onSearch({})}>
              Nobody who has signed in matches these filters.
            </NoMatch>
          ) : (
            <StateMessage icon={IconUsers} title="Nobody yet">
              People appear here once they have signed in.
            </StateMessage>
          )
        }
      >
        {(items) => <PeopleTable people={items} />}
      </PagedList>
    </>
  )
}

function Filters({ search, onSearch }: PeoplePageProps) {
  return (
    <div className={classes.filters}>
      <SearchField
        label="Search people"
        placeholder="Name, e-mail address or principal"
        text={search.q ?? ''}
        onChange={(q) => {
          const { q: _, ...rest } = search
          onSearch(q.trim() === '' ? rest : { ...rest, q })
        }}
      />
      <SegmentedControl
        size="xs"
        aria-label="Status"
        value={search.status ?? 'all'}
        onChange={(value) => {
          const { status: _, ...rest } = search
          onSearch(value === 'enabled' || value === 'disabled' ? { ...rest, status: value } : rest)
        }}
        data={[
          { value: 'all', label: 'All' },
          { value: 'enabled', label: 'Enabled' },
          { value: 'disabled', label: 'Disabled' },
        ]}
      />
    </div>
  )
}

function PeopleTable({ people }: { people: readonly User[] }) {
  return (
    <div>
      <Table className={table.table} verticalSpacing={10} horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Name</Table.Th>
            <Table.Th scope="col">Signs in by</Table.Th>
            <Table.Th scope="col" visibleFrom="sm">
              Last sign-in
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {people.map((person) => (
            <Table.Tr key={person.id}>
              <Table.Td className={classes.name}>
                <TextLink
                  to="/access/people/$user"
                  params={{ user: person.id }}
                  className={rows.strong}
                >
                  {person.displayName}
                </TextLink>
                <Text size="xs" c="dimmed">
                  {person.email ?? 'no e-mail address'}
                </Text>
                <PersonBadges person={person} />
                <Text size="xs" c="dimmed" hiddenFrom="sm">
                  Signed in <RelativeTime at={person.lastSignInAt} />
                </Text>
              </Table.Td>
              <Table.Td>
                {person.identities.map(({ id, principal, provider }) => (
                  <div key={id}>
                    <Text size="sm">{describeProvider(provider)}</Text>
                    <div className={classes.mono}>{principal}</div>
                  </div>
                ))}
              </Table.Td>
              <Table.Td visibleFrom="sm">
                <RelativeTime at={person.lastSignInAt} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}
