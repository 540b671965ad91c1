import { Skeleton, Text } from '@mantine/core'
import type { ApiToken } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { Panel } from '../../components/panel.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { RelativeTime, useNow } from '../../components/relative-time.tsx'
import { describeEnd, roleLabels } from '../../lib/access-words.ts'
import { CreateToken, type CreateTokenProps } from './create-token.tsx'
import { apiTokensQuery } from './queries.ts'
import { RevokeToken } from './revoke-token.tsx'
import classes from './access.module.css'

/** Tokens for scripts and pipelines, which act in the person's name. */
export function TokenPanel(props: CreateTokenProps) {
  const tokens = useQuery(apiTokensQuery())
  return (
    <Panel title="API tokens">
      <div className={classes.head}>
        <Text size="sm" c="dimmed" className={classes.what}>
          For scripts and pipelines: a token acts in your name, never with more than the role you
          give it, and ends by itself.
        </Text>
        <CreateToken {...props} />
      </div>
      {tokens.isPending ? (
        <Skeleton height={44} aria-hidden />
      ) : tokens.data === undefined ? (
        <ProblemMessage
          error={tokens.error}
          title="Your tokens could not be loaded"
          order={3}
          onRetry={() => void tokens.refetch()}
        />
      ) : tokens.data.items.length === 0 ? (
        <Text size="sm" c="dimmed" pt="sm">
          You have no tokens.
        </Text>
      ) : (
        <ul className={classes.list}>
          {tokens.data.items.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function TokenRow({ token }: { token: ApiToken }) {
  const now = useNow()
  const { expiresAt, instanceIds, lastUsedAt, name, roleCeiling } = token
  return (
    <li className={classes.row}>
      <div className={classes.what}>
        <span className={classes.strong}>{name}</span>
        <Text size="xs" c="dimmed">
          {roleLabels[roleCeiling]}
          {instanceIds === null ? '' : ` on ${instanceIds.join(', ')}`} · ends{' '}
          {describeEnd(expiresAt, now)} ·{' '}
          {lastUsedAt === null ? (
            'never used'
          ) : (
            <>
              last used <RelativeTime at={lastUsedAt} />
            </>
          )}
        </Text>
      </div>
      <RevokeToken token={token} />
    </li>
  )
}
