import { Table, Text } from '@mantine/core'
import type { GrantOrigin } from '@hub/shared'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { RelativeTime, useNow } from '../../components/relative-time.tsx'
import { TextLink } from '../../components/router-link.tsx'
import {
  describeGrantScope,
  describeLimits,
  describeRole,
  roleLabels,
  roleMeanings,
} from '../../lib/access/words.ts'
import { describeEnd, formatDate } from '../../lib/time.ts'
import { deleteGrantMutation } from './mutations.ts'
import type { Holder } from './queries.ts'
import rows from '../../components/rows.module.css'
import classes from './people.module.css'

interface GrantRowProps {
  holder: Holder
  name: string
  grant: GrantOrigin
}

/** One role in the list of those that somebody holds. */
export function GrantRow({ holder, name, grant }: GrantRowProps) {
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
        <Text size="xs" c="dimmed">
          {describeLimits(grant.limits)}
        </Text>
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
  grant: { createdAt, createdBy, createdByName, file, mapping, principal, source },
}: {
  grant: GrantOrigin
}) {
  const when =
    createdAt === null ? null : (
      <>
        , <RelativeTime at={createdAt} />
      </>
    )
  const author = createdByName ?? createdBy
  switch (source) {
    case 'group':
      return (
        <>
          The group{' '}
          {mapping === null ? (
            'of a mapping'
          ) : (
            <TextLink to="/access/groups" search={{ mapping: mapping.id }}>
              {mapping.groupName ?? mapping.groupId}
            </TextLink>
          )}
          {file !== null && `, by the configuration file ${file}`}
          {when}
        </>
      )
    case 'config':
      return (
        <>
          {file === null ? 'The configuration of the hub' : `The configuration file ${file}`}, for{' '}
          {principal}
        </>
      )
    case 'request':
      return (
        <>
          <TextLink to="/access/requests" search={{ status: 'decided' }}>
            A request
          </TextLink>
          {author !== null && ` that ${author} approved`}
          {when}
        </>
      )
    case 'manual':
      return (
        <>
          Given by {author ?? 'an administrator'}
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

function RemoveGrant({ holder, name, grant }: GrantRowProps) {
  return (
    <ConfirmButton
      label="Remove"
      ariaLabel={`Remove ${describeRole(grant)}`}
      title="Remove this role?"
      action="Remove role"
      isDestructive
      mutation={deleteGrantMutation(holder, grant.id)}
    >
      {name} loses <strong>{describeRole(grant)}</strong> at once, even on pages that are already
      open. Their other roles stay.
    </ConfirmButton>
  )
}
