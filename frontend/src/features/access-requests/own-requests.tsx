import { Button, Skeleton, Text } from '@mantine/core'
import type { AccessRequest } from '@hub/shared'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Loaded } from '../../components/loaded.tsx'
import { notifyFailure } from '../../components/notify.ts'
import { RelativeTime, useNow } from '../../components/relative-time.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { describeRole } from '../../lib/access/words.ts'
import { describeEnd, describeMinutes } from '../../lib/time.ts'
import { ownRequestsQuery, withdrawRequestMutation } from './queries.ts'
import { describeState } from './request-words.ts'
import classes from './requests.module.css'

/** What the person has asked for, and what came of it. */
export function OwnRequests() {
  return (
    <Loaded
      query={useQuery(ownRequestsQuery())}
      title="Your requests could not be loaded"
      order={3}
      placeholder={<Skeleton height={56} aria-hidden />}
    >
      {({ items }) =>
        items.length === 0 ? (
          <Text size="sm" c="dimmed">
            You have not asked for anything.
          </Text>
        ) : (
          <ul className={classes.list} aria-label="Your requests">
            {items.map((request) => (
              <Request key={request.id} request={request} />
            ))}
          </ul>
        )
      }
    </Loaded>
  )
}

function Request({ request }: { request: AccessRequest }) {
  const now = useNow()
  const { createdAt, decidedAt, decisionReason, endsAt, id, minutes, reason, state } = request
  const badge = describeState(request, now)
  const { label } = badge
  const withdrawing = useMutation({
    ...withdrawRequestMutation(id),
    onError: (error) => notifyFailure(error, 'The request was not withdrawn'),
  })
  const isApproved = label === 'Approved' && endsAt !== null
  return (
    <li className={`${classes.request} ${classes.own}`}>
      <div className={classes.what}>
        <div className={classes.title}>
          {describeRole(request)}{' '}
          <span aria-live="polite">
            <StatusBadge {...badge} />
          </span>
        </div>
        <Text size="xs" c="dimmed">
          For {describeMinutes(minutes)} · asked <RelativeTime at={createdAt} />
          {isApproved && ` · ends ${describeEnd(endsAt, now)}`}
          {!isApproved && decidedAt !== null && (
            <>
              {' '}
              · {label.toLowerCase()} <RelativeTime at={decidedAt} />
            </>
          )}
        </Text>
        <Text size="sm" mt={4}>
          {reason}
        </Text>
        {decisionReason !== null && (
          <p className={classes.reason}>
            <strong>Answer:</strong> {decisionReason}
          </p>
        )}
      </div>
      {state === 'waiting' && (
        <Button
          variant="default"
          size="xs"
          aria-label={`Withdraw the request for ${describeRole(request)}`}
          loading={withdrawing.isPending}
          onClick={() => withdrawing.mutate()}
        >
          Withdraw
        </Button>
      )}
    </li>
  )
}
