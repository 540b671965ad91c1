import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Loaded } from '../../components/loaded.tsx'
import { Section } from '../../components/section.tsx'
import rows from '../../components/rows.module.css'
import { TokenRow } from '../../components/token-row.tsx'
import { CreateToken, type CreateTokenProps } from './create-token.tsx'
import { apiTokensQuery, revokeApiTokenMutation } from './queries.ts'
import classes from './access.module.css'

/** Tokens for scripts and pipelines, which act in the person's name. */
export function TokenPanel(props: CreateTokenProps) {
  return (
    <Section title="API tokens">
      <div className={classes.head}>
        <Text size="sm" c="dimmed" className={rows.what}>
          For scripts and pipelines: a token acts in your name, never beyond the role you give it,
          and expires on its own.
        </Text>
        <CreateToken {...props} />
      </div>
      <Loaded
        query={useQuery(apiTokensQuery())}
        title="Your tokens could not be loaded"
        order={3}
        placeholder={<Skeleton height={44} aria-hidden />}
      >
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed" pt="sm">
              You have no tokens.
            </Text>
          ) : (
            <ul className={rows.list}>
              {items.map((token) => (
                <TokenRow key={token.id} token={token} revoke={revokeApiTokenMutation(token.id)} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  )
}
