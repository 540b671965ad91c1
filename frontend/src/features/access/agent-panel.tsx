import { Stack, Text } from '@mantine/core'
import { CodeBlock } from '../../components/code-block.tsx'
import { Section } from '../../components/section.tsx'

/** How an agent acts in the person's name. */
export function AgentPanel() {
  const config = {
    mcpServers: {
      hub: {
        type: 'http',
        url: `${globalThis.location.origin}/mcp`,
        headers: { Authorization: 'Bearer <token>' },
      },
    },
  }
  return (
    <Section title="Connect an agent">
      <Stack gap="sm">
        <Text size="sm">
          An agent that speaks the Model Context Protocol sees and does here what its token allows,
          in your name: make one with the lowest role that it needs. What it does stands in the
          audit log under you.
        </Text>
        <CodeBlock
          text={JSON.stringify(config, null, 2)}
          label="Configuration"
          language="json"
          isWhole
        />
      </Stack>
    </Section>
  )
}
