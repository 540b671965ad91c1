import { Stack } from '@mantine/core'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { CallPanel } from './call-panel.tsx'
import { ConfirmationPanel } from './confirmation-panel.tsx'
import { ConnectPanel, type ConnectPanelProps } from './connect-panel.tsx'

/** How agents act in the person's name, and what they did. */
export function AgentsPage(props: ConnectPanelProps) {
  usePageTitle('Agents')
  return (
    <>
      <PageHeader
        title="Agents"
        below="Programs that speak the Model Context Protocol, in your name and within your roles"
      />
      <Stack gap="md">
        <ConfirmationPanel />
        <ConnectPanel {...props} />
        <CallPanel />
      </Stack>
    </>
  )
}
