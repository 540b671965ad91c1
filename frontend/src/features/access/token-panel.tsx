import { Skeleton, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Panel } from '../../components/panel.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import rows from '../../components/rows.module.css'
import { TokenRow } from '../../components/token-row.tsx'
import { revokeApiToken } from '../../lib/api/client.ts'
import { CreateToken, type CreateTokenProps } from './create-token.tsx'
import { apiTokensQuery } from './queries.ts'
import classes from './access.module.css'

/** Tokens for scripts and pipelines, which act in the person's name. */
export function TokenPanel(props: CreateTokenProps) {
  const tokens = useQuery(apiTokensQuery())
  const client = useQueryClient()
  return (
    <Panel title="API tokens">
      <div className={classes.head}>
        <Text size="sm" c="dimmed" className={rows.what}>
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
        <ul className={rows.list}>
          {tokens.data.items.map((token) => (
            <TokenRow
              key={token.id}
              token={token}
              revoke={() => revokeApiToken(token.id)}
              onRevoked={() =>
                void client.invalidateQueries({ queryKey: apiTokensQuery().queryKey })
              }
            />
          ))}
        </ul>
      )}
    </Panel>
  )
}
