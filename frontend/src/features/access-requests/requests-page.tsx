import { Group, Text } from '@mantine/core'
import type { AccessRequestOfUser } from '@hub/shared'
import { IconInbox } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { LinkTab, LinkTabs } from '../../components/link-tabs.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { PagedList } from '../../components/paged-list.tsx'
import { RelativeTime, useNow } from '../../components/relative-time.tsx'
import { TextLink } from '../../components/router-link.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { ToneIcon } from '../../components/tone-icon.tsx'
import { describeRole } from '../../lib/access/words.ts'
import { describeEnd, describeMinutes } from '../../lib/time.ts'
import { ApproveRequest, RefuseRequest } from './decide-request.tsx'
import { requestsQuery } from './queries.ts'
import { describeState } from './request-words.ts'
import classes from './requests.module.css'

/** What people have asked for: what waits, and what was decided. */
export function RequestsPage({ status }: { status: 'waiting' | 'decided' }) {
  usePageTitle('Requests')
  const requests = useInfiniteQuery(requestsQuery(status))
  return (
    <>
      <PageHeader
        title="Requests"
        below="Roles that people have asked for, for a while"
        actions={
          <LinkTabs label="Waiting and decided" pills>
            <LinkTab to="/access/requests" activeOptions={{ exact: true }}>
              Waiting
            </LinkTab>
            <LinkTab to="/access/requests" search={{ status: 'decided' }}>
              Decided
            </LinkTab>
          </LinkTabs>
        }
      />
      <PagedList
        list={requests}
        names={['request', 'requests']}
        empty={
          status === 'waiting' ? (
            <StateMessage icon={IconInbox} title="No requests are waiting">
              When somebody asks for a role, the request appears here, with its reason and how long
              it should last.
            </StateMessage>
          ) : (
            <StateMessage icon={IconInbox} title="Nothing has been decided yet">
              Requests that were approved, refused or withdrawn appear here.
            </StateMessage>
          )
        }
      >
        {(items) => (
          <div>
            <ul className={classes.list} aria-label="Requests">
              {items.map((request) => (
                <Request key={request.id} request={request} />
              ))}
            </ul>
          </div>
        )}
      </PagedList>
    </>
  )
}

function Request({ request }: { request: AccessRequestOfUser }) {
  const { createdAt, hasInstance, instanceId, isOwn, minutes, reason, state, user } = request
  const isWaiting = state === 'waiting'
  return (
    <li className={classes.request}>
      <div className={classes.what}>
        <div className={classes.title}>
          <TextLink to="/access/people/$user" params={{ user: user.id }}>
            {user.displayName}
          </TextLink>
          {!isWaiting && <State request={request} />}
        </div>
        <Text size="xs" c="dimmed">
          {user.principals.join(', ')}
        </Text>
        <Text size="sm" mt={6}>
          <strong>{describeRole(request)}</strong>, for {describeMinutes(minutes)}
          <Text component="span" size="sm" c="dimmed">
            {' '}
            · asked <RelativeTime at={createdAt} />
          </Text>
        </Text>
        <p className={classes.reason}>{reason}</p>
        {isWaiting && !hasInstance && (
          <p className={classes.warning}>
            <ToneIcon tone="warning" size={16} /> There is no instance “{instanceId}” in this hub,
            so this request can only be refused.
          </p>
        )}
        {isWaiting && user.disabledAt !== null && (
          <p className={classes.warning}>
            <ToneIcon tone="warning" size={16} /> {user.displayName} is disabled: enable the person
            first, or refuse.
          </p>
        )}
        {!isWaiting && <Decision request={request} />}
      </div>
      {isWaiting &&
        (isOwn ? (
          <Text size="sm" c="dimmed">
            Your own request: another administrator must decide.
          </Text>
        ) : (
          <Group gap="xs">
            <RefuseRequest request={request} />
            {hasInstance && user.disabledAt === null && <ApproveRequest request={request} />}
          </Group>
        ))}
    </li>
  )
}

function State({ request }: { request: AccessRequestOfUser }) {
  return <StatusBadge {...describeState(request, useNow())} />
}

function Decision({
  request: { decidedAt, decidedBy, decidedByName, decisionReason, endsAt, state },
}: {
  request: AccessRequestOfUser
}) {
  const now = useNow()
  return (
    <Text component="div" size="sm" mt={6}>
      {decidedAt !== null && (
        <>
          {state === 'withdrawn'
            ? 'Withdrawn'
            : `Decided by ${decidedByName ?? decidedBy ?? 'an administrator'}`}{' '}
          <RelativeTime at={decidedAt} />
        </>
      )}
      {state === 'approved' && endsAt !== null && ` · ends ${describeEnd(endsAt, now)}`}
      {state === 'ended' && endsAt !== null && (
        <>
          {' '}
          · ended <RelativeTime at={endsAt} />
        </>
      )}
      {decisionReason !== null && (
        <p className={classes.reason}>
          <strong>Answer:</strong> {decisionReason}
        </p>
      )}
    </Text>
  )
}
