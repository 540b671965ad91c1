import { Stack, Text } from '@mantine/core'
import type { OidcTrial } from '@hub/shared'
import { CodeBlock } from '../../../components/code-block.tsx'
import { Facts } from '../../../components/facts.tsx'
import { Notice } from '../../../components/notice.tsx'
import { Checks } from './checks.tsx'

/** What came of a sign-in: the name that the cluster would give them, each check, and the token's claims. */
export function TrialResult({ of: { claims, groups, items, username } }: { of: OidcTrial }) {
  const isRefused = items.some(({ outcome }) => outcome === 'fail')
  return (
    <Stack gap="sm">
      {isRefused ? (
        <Notice tone="bad" title="The cluster would not let you in">
          <p>What is wrong is said below, with what helps.</p>
        </Notice>
      ) : (
        <Notice tone="good" title="The cluster would let you in">
          <Facts
            items={[
              { term: 'Name', value: <code>{username}</code> },
              ...(groups.length > 0 ? [{ term: 'Groups', value: groups.join(', ') }] : []),
            ]}
          />
        </Notice>
      )}
      <Checks items={items} label="What was checked in the token" />
      {claims !== null && (
        <>
          <Text size="sm">
            The claims of your ID token. Nobody else sees them, and the hub keeps nothing of it:
          </Text>
          <CodeBlock text={JSON.stringify(claims, null, 2)} label="Claims" language="json" />
        </>
      )}
    </Stack>
  )
}
