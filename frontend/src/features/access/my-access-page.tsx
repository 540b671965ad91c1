import { Stack, Table, Text } from '@mantine/core'
import type { Grant, Me } from '@hub/shared'
import type { ReactNode } from 'react'
import { CopyText } from '../../components/copy-text.tsx'
import { Facts } from '../../components/facts.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { Section } from '../../components/section.tsx'
import { RelativeTime, useNow } from '../../components/relative-time.tsx'
import {
  describeGrantScope,
  describeLimits,
  describeGrantSource,
  roleLabels,
  roleMeanings,
} from '../../lib/access/words.ts'
import { describeEnd } from '../../lib/time.ts'
import { AgentPanel } from './agent-panel.tsx'
import { SessionPanel } from './session-panel.tsx'
import { TokenPanel } from './token-panel.tsx'
import table from '../../components/table.module.css'
import rows from '../../components/rows.module.css'
import classes from './access.module.css'

export interface MyAccessPageProps {
  me: Me
  /** Whether there are sessions and tokens. */
  signsIn: boolean
  instances: readonly string[]
  /** What the person has asked for. */
  requests: ReactNode
}

/** What the person may do here, and everything that can act in their name. */
export function MyAccessPage({ me, signsIn, instances, requests }: MyAccessPageProps) {
  usePageTitle('My access')
  return (
    <>
      <PageHeader
        title="My access"
        below={me.email === null ? me.displayName : `${me.displayName} · ${me.email}`}
      />
      <Stack gap="md">
        <Section title="Who you are">
          <Facts
            items={[
              { term: 'Principal', value: <CopyText text={me.principal} label="Copy principal" /> },
              ...(me.authenticatedAt === null
                ? []
                : [{ term: 'Signed in', value: <RelativeTime at={me.authenticatedAt} /> }]),
            ]}
          />
        </Section>
        <Section title="What you may do">
          <Grants grants={me.grants} />
        </Section>
        {requests}
        {signsIn && <SessionPanel />}
        {signsIn && <TokenPanel me={me} instances={instances} />}
        {signsIn && <AgentPanel />}
      </Stack>
    </>
  )
}

function Grants({ grants }: { grants: readonly Grant[] }) {
  const now = useNow()
  if (grants.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nobody has given you a role yet. Ask for one below, or send your principal to an
        administrator of the hub.
      </Text>
    )
  }
  return (
    <Table className={table.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Role</Table.Th>
          <Table.Th scope="col">Where</Table.Th>
          <Table.Th scope="col" visibleFrom="sm">
            Why
          </Table.Th>
          <Table.Th scope="col">Ends</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {grants.map((grant) => (
          <Table.Tr key={grant.id}>
            <Table.Td>
              <span className={rows.strong}>{roleLabels[grant.role]}</span>
              <Text size="xs" c="dimmed">
                {roleMeanings[grant.role]}
              </Text>
            </Table.Td>
            <Table.Td className={classes.words}>
              {describeGrantScope(grant)}
              <Text size="xs" c="dimmed">
                {describeLimits(grant.limits)}
              </Text>
            </Table.Td>
            <Table.Td visibleFrom="sm">{describeGrantSource(grant.source)}</Table.Td>
            <Table.Td>{grant.endsAt === null ? 'Never' : describeEnd(grant.endsAt, now)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
