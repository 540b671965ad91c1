import { SegmentedControl, Select, Stack, Text } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { CodeBlock } from '../../components/code-block.tsx'
import { CopyText } from '../../components/copy-text.tsx'
import { Facts } from '../../components/facts.tsx'
import { Section } from '../../components/section.tsx'
import { agentClients, type AgentClient, type WayIn } from './agent-clients.ts'

export interface ConnectPanelProps {
  /** Where clients sign people in; null where they come with tokens alone. */
  issuer: string | null
  /** Makes a token for an agent. */
  token: ReactNode
}

/** The address, the way in, and what a client of choice is told. */
export function ConnectPanel({ issuer, token }: ConnectPanelProps) {
  const url = `${globalThis.location.origin}/mcp`
  const [name, setName] = useState<string>(agentClients[0].name)
  const [chosen, setWay] = useState<WayIn>('token')
  const way = issuer === null ? 'token' : chosen
  const client: AgentClient = agentClients.find((each) => each.name === name) ?? agentClients[0]
  return (
    <Section title="Connect an agent">
      <Stack gap="sm">
        <Facts items={[{ term: 'Address', value: <CopyText text={url} label="Copy address" /> }]} />
        {issuer !== null && (
          <SegmentedControl
            aria-label="How it gets in"
            data={[
              { value: 'token', label: 'With a token' },
              { value: 'sign-in', label: 'By signing in' },
            ]}
            value={way}
            onChange={setWay}
          />
        )}
        {way === 'token' ? (
          <>
            <Text size="sm">
              A token bounds what the agent can do, whatever it is told: give it the lowest role
              that it needs. A viewer only looks; a deployer deploys, changes and deletes.
            </Text>
            <div>{token}</div>
          </>
        ) : (
          <Text size="sm">
            The client signs you in at {issuer} and gets a token of its own, with all of your roles.
            It needs a client id there: one that it is given, or one that it registers.
          </Text>
        )}
        <Select
          label="Client"
          description={client.place}
          allowDeselect={false}
          data={agentClients.map((each) => each.name)}
          value={client.name}
          onChange={(value) => value !== null && setName(value)}
          maw={360}
        />
        <CodeBlock
          text={client.write(url, way)}
          label="Configuration"
          isWhole
          {...(client.language && { language: client.language })}
        />
      </Stack>
    </Section>
  )
}
