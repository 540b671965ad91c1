import { Button, Skeleton, Stack, Table, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { GrantOrigin } from '@hub/shared'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { RelativeTime, useNow } from '../../components/relative-time.tsx'
import { TextLink } from '../../components/router-link.tsx'
import { formatDate } from '../../lib/time.ts'
import {
  describeEnd,
  describeGrantScope,
  describeRole,
  roleLabels,
  roleMeanings,
} from '../../lib/access/words.ts'
import { deleteGrant, type Holder } from '../../lib/api/admin-client.ts'
import { AddGrant } from './add-grant.tsx'
import { effectiveAccessKey, grantsQuery, peopleKey } from './queries.ts'
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
    <Panel title="Roles">
      <div className={classes.head}>
        <Text size="sm" c="dimmed" className={rows.what}>
          {isSelf
            ? 'This is you: another administrator gives you roles.'
            : 'One that covers what is asked is enough; more never mean less.'}
        </Text>
        {!isSelf && <AddGrant holder={holder} name={name} instances={instances} />}
      </div>
      {grants.isPending ? (
        <Stack gap="sm" aria-hidden>
          <Skeleton height={44} />
          <Skeleton height={44} />
        </Stack>
      ) : grants.data === undefined ? (
        <ProblemMessage
          error={grants.error}
          title="The roles could not be loaded"
          order={3}
          onRetry={() => void grants.refetch()}
        />
      ) : grants.data.items.length === 0 ? (
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
            {grants.data.items.map((grant) => (
              <GrantRow key={grant.id} holder={holder} name={name} grant={grant} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  )
}

function GrantRow({ holder, name, grant }: { holder: Holder; name: string; grant: GrantOrigin }) {
  const canRemove = grant.isActive && (grant.source === 'manual' || grant.source === 'request')
  const remove = canRemove && <RemoveGrant holder={holder} name={name} grant={grant} />
  return (
    <Table.Tr {...(!grant.isActive && { className: classes.over })}>
      <Table.Td>
        <span className={rows.strong}>{roleLabels[grant.role]}</span>
        <Text size="xs" c="dimmed" visibleFrom="sm">
          {roleMeanings[grant.role]}
        </Text>
      </Table.Td>
      <Table.Td className={classes.words}>
        {describeGrantScope(grant)}
        <Text component="div" size="xs" c="dimmed" hiddenFrom="sm">
          <Origin grant={grant} />
          <div>
            Ends: <End grant={grant} />
          </div>
          {remove && <div className={classes.below}>{remove}</div>}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm" className={classes.words}>
        <Origin grant={grant} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <End grant={grant} />
      </Table.Td>
      <Table.Td ta="end" visibleFrom="sm">
        {remove}
      </Table.Td>
    </Table.Tr>
  )
}

function Origin({
  grant: { createdAt, createdBy, mapping, principal, source },
}: {
  grant: GrantOrigin
}) {
  const when =
    createdAt === null ? null : (
      <>
        , <RelativeTime at={createdAt} />
      </>
    )
  switch (source) {
    case 'group':
      return (
        <>
          The group{' '}
          {mapping === null ? (
            'of a mapping'
          ) : (
            <TextLink to="/admin/group-mappings" search={{ mapping: mapping.id }}>
              {mapping.groupName ?? mapping.groupId}
            </TextLink>
          )}
          {when}
        </>
      )
    case 'config':
      return <>The configuration of the hub, for {principal}</>
    case 'request':
      return (
        <>
          <TextLink to="/admin/access-requests" search={{ status: 'decided' }}>
            A request
          </TextLink>
          {createdBy !== null && ` that ${createdBy} approved`}
          {when}
        </>
      )
    case 'manual':
      return (
        <>
          Given by {createdBy ?? 'an administrator'}
          {when}
        </>
      )
  }
}

function End({ grant: { endsAt, isActive } }: { grant: GrantOrigin }) {
  const now = useNow()
  if (endsAt === null) return 'Never'
  return (
    <time dateTime={endsAt} title={formatDate(new Date(endsAt))}>
      {isActive ? describeEnd(endsAt, now) : 'has ended'}
    </time>
  )
}

function RemoveGrant({
  holder,
  name,
  grant,
}: {
  holder: Holder
  name: string
  grant: GrantOrigin
}) {
  const [opened, { open, close }] = useDisclosure(false)
  const client = useQueryClient()
  const removing = useMutation({
    mutationFn: () => deleteGrant(holder, grant.id),
    onSuccess: () => {
      close()
      for (const queryKey of [grantsQuery(holder).queryKey, effectiveAccessKey, peopleKey]) {
        void client.invalidateQueries({ queryKey })
      }
    },
  })
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={`Remove ${describeRole(grant)}`}
        onClick={() => {
          removing.reset()
          open()
        }}
      >
        Remove
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={close}
        title="Remove this role?"
        action="Remove role"
        isDestructive
        isPending={removing.isPending}
        error={removing.error}
        onConfirm={() => removing.mutate()}
      >
        {name} loses <strong>{describeRole(grant)}</strong> at once, in pages that are open too.
        What other roles give stays.
      </ConfirmDialog>
    </>
  )
}
