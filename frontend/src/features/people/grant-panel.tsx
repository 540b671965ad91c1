import { Skeleton, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ConfigFileNotice } from '../../components/config-file-notice.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Section } from '../../components/section.tsx'
import { AddGrant } from './add-grant.tsx'
import { GrantRow } from './grant-row.tsx'
import { grantsQuery, type Holder } from './queries.ts'
import table from '../../components/table.module.css'
import rows from '../../components/rows.module.css'
import classes from './people.module.css'

export interface GrantPanelProps {
  holder: Holder
  name: string
  instances: readonly string[]
  /** Nobody gives themselves a role. */
  isSelf: boolean
  isDisabled: boolean
}

/** The roles somebody holds, where each comes from, and the way to give and take back one. */
export function GrantPanel({ holder, name, instances, isSelf, isDisabled }: GrantPanelProps) {
  const grants = useQuery(grantsQuery(holder))
  return (
    <Section title="Roles">
      <div className={classes.head}>
        <Text size="sm" c="dimmed" className={rows.what}>
          {isSelf
            ? 'This is you. Only another administrator can give you roles.'
            : 'One role that covers an action is enough; further roles never take anything away.'}
        </Text>
        {!isSelf && <AddGrant holder={holder} name={name} instances={instances} />}
      </div>
      <ConfigFileNotice file={grants.data?.configFile} />
      <Loaded
        query={grants}
        title="The roles could not be loaded"
        order={3}
        placeholder={
          <Stack gap="sm" aria-hidden>
            <Skeleton height={44} />
            <Skeleton height={44} />
          </Stack>
        }
      >
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              {name} holds no role{isDisabled ? '' : ', and sees nothing'}.
            </Text>
          ) : (
            <Table className={table.table}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">Role</Table.Th>
                  <Table.Th scope="col">Where</Table.Th>
                  <Table.Th scope="col" visibleFrom="sm">
                    From
                  </Table.Th>
                  <Table.Th scope="col" visibleFrom="sm">
                    Ends
                  </Table.Th>
                  <Table.Th scope="col" aria-label="Actions" visibleFrom="sm" />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((grant) => (
                  <GrantRow key={grant.id} holder={holder} name={name} grant={grant} />
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Loaded>
    </Section>
  )
}
