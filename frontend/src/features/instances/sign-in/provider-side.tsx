import { List, Stack, Text } from '@mantine/core'
import { trialPath, type OidcProviderSide, type OidcProviderQuery } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { CodeBlock } from '../../../components/code-block.tsx'
import { providerQuery } from './queries.ts'

/** What the identity provider's client has to have, while its profile is typed. */
export function ProviderSide({ instance, of }: { instance: string; of: OidcProviderQuery }) {
  const { data } = useQuery(providerQuery(instance, of))
  return data ? <ProviderFacts of={data} /> : null
}

export function ProviderFacts({ of: { notes, redirectUris, scopes } }: { of: OidcProviderSide }) {
  const ownUri = `${window.location.origin}${trialPath}`
  return (
    <Stack gap="xs">
      <Text size="sm">
        A client for the authorization code flow with PKCE (S256). The first two redirect URIs are
        kubectl&rsquo;s; the last one lets this hub try the sign-in.
      </Text>
      <Text size="sm" fw={600}>
        Redirect URIs
      </Text>
      <CodeBlock text={[...redirectUris, ownUri].join('\n')} label="Redirect URIs" />
      <Text size="sm" fw={600}>
        Scopes
      </Text>
      <CodeBlock text={scopes.join(' ')} label="Scopes" />
      {notes.length > 0 && (
        <List size="sm">
          {notes.map((note) => (
            <List.Item key={note}>{note}</List.Item>
          ))}
        </List>
      )}
    </Stack>
  )
}
