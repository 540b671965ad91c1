import { Text } from '@mantine/core'
import { ButtonLink } from '../../components/router-link.tsx'
import { Section } from '../../components/section.tsx'

/** The way to the page of the person's agents. */
export function AgentPanel() {
  return (
    <Section
      title="Agents"
      actions={
        <ButtonLink variant="default" size="xs" to="/me/agents">
          Connect an agent
        </ButtonLink>
      }
    >
      <Text size="sm" c="dimmed">
        Programs that speak the Model Context Protocol can look and act here in your name. See what
        they did.
      </Text>
    </Section>
  )
}
