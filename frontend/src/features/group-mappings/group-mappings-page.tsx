import { Group, Table, Text, VisuallyHidden } from '@mantine/core'
import type { GroupMapping, Provider } from '@hub/shared'
import { IconUsersGroup } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { ConfigFileNotice } from '../../components/config-file-notice.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { PagedList } from '../../components/paged-list.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import {
  countPeople,
  describeGrantScope,
  describeLimits,
  describeProvider,
  roleLabels,
} from '../../lib/access/words.ts'
import { DeleteMapping } from './delete-mapping.tsx'
import { EditMapping } from './edit-mapping.tsx'
import { groupMappingsQuery } from './queries.ts'
import table from '../../components/table.module.css'
import classes from './group-mappings.module.css'

export interface GroupMappingsPageProps {
  instances: readonly string[]
  /** Those people can sign in with. */
  providers: readonly Provider[]
  /** The id of the one that a link leads to. */
  chosen: string | undefined
}

/** What members of an identity provider's groups are given. */
export function GroupMappingsPage({ instances, providers, chosen }: GroupMappingsPageProps) {
  usePageTitle('Groups')
  const mappings = useInfiniteQuery(groupMappingsQuery())
  return (
    <>
      <PageHeader
        title="Groups"
        below="What members of a group may do, for as long as they belong to it"
        actions={<EditMapping instances={instances} providers={providers} />}
      />
      <ConfigFileNotice file={mappings.data?.pages.at(-1)?.configFile} />
      <PagedList
        list={mappings}
        names={['mapping', 'mappings']}
        empty={
          <StateMessage icon={IconUsersGroup} title="No group is mapped yet">
            Map a group from your identity provider to a role: its members have the role for as long
            as they belong to it, and nobody has to be added by hand.
          </StateMessage>
        }
      >
        {(items) => (
          <div>
            <Table className={table.table} verticalSpacing={10} horizontalSpacing="md">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">Group</Table.Th>
                  <Table.Th scope="col">Gives</Table.Th>
                  <Table.Th scope="col" visibleFrom="sm">
                    Now
                  </Table.Th>
                  <Table.Th scope="col" visibleFrom="sm">
                    <VisuallyHidden>Actions</VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((mapping) => (
                  <Row
                    key={mapping.id}
                    mapping={mapping}
                    instances={instances}
                    providers={providers}
                    isChosen={mapping.id === chosen}
                  />
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
      </PagedList>
    </>
  )
}

function Row({
  mapping,
  instances,
  providers,
  isChosen,
}: {
  mapping: GroupMapping
  instances: readonly string[]
  providers: readonly Provider[]
  isChosen: boolean
}) {
  const { file, groupId, groupName, people, provider, role } = mapping
  const actions = mapping.source === 'manual' && (
    <Group gap="xs" className={classes.actions}>
      <EditMapping instances={instances} providers={providers} mapping={mapping} />
      <DeleteMapping mapping={mapping} />
    </Group>
  )
  return (
    <Table.Tr {...(isChosen && { className: classes.chosen, 'aria-current': true as const })}>
      <Table.Td className={classes.words}>
        {groupName !== null && <div className={classes.strong}>{groupName}</div>}
        <div className={classes.mono}>{groupId}</div>
        <Text size="xs" c="dimmed">
          {describeProvider(provider)}
        </Text>
        {file !== null && (
          <Text size="xs" c="dimmed">
            From the configuration file {file}: change it there
          </Text>
        )}
      </Table.Td>
      <Table.Td className={classes.words}>
        <div className={classes.strong}>{roleLabels[role]}</div>
        <Text size="sm">{describeGrantScope(mapping)}</Text>
        <Text size="xs" c="dimmed">
          {describeLimits(mapping.limits)}
        </Text>
        <div className={classes.small}>
          <Text component="span" size="sm" c="dimmed" className={classes.count}>
            {countPeople(people)} now
          </Text>
          {actions}
        </div>
      </Table.Td>
      <Table.Td visibleFrom="sm" className={classes.count}>
        {countPeople(people)}
      </Table.Td>
      <Table.Td visibleFrom="sm">{actions}</Table.Td>
    </Table.Tr>
  )
}
