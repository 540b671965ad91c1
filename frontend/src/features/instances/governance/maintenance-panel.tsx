import { Button, Text } from '@mantine/core'
import type { Instance } from '@hub/shared'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { useKeptDialog } from '../../../components/kept-dialog.tsx'
import { RelativeTime, useNow } from '../../../components/relative-time.tsx'
import { Section } from '../../../components/section.tsx'
import { describeEnd } from '../../../lib/time.ts'
import { MaintenanceDialog } from './maintenance-dialog.tsx'
import { openInstanceMutation } from './queries.ts'

/** Whether an instance takes new deployments, and the way to close and to open it. */
export function MaintenancePanel({ instance }: { instance: Instance }) {
  const { abilities, id } = instance
  const closed = instance.maintenance
  const now = useNow()
  const dialog = useKeptDialog(`maintenance:${id}`)
  return (
    <Section
      title="New deployments"
      actions={
        abilities.manage &&
        (closed === null ? (
          <Button variant="default" size="xs" onClick={dialog.open}>
            Close for maintenance
          </Button>
        ) : (
          <ConfirmButton
            label="Open again"
            title={`Open ${id} for new deployments?`}
            action="Open instance"
            mutation={openInstanceMutation(id)}
          >
            Whoever may deploy on {id} can do so at once.
          </ConfirmButton>
        ))
      }
    >
      {closed === null ? (
        <Text size="sm">It takes new deployments.</Text>
      ) : (
        <Text size="sm">
          Closed <RelativeTime at={closed.since} /> by {closed.by}: {closed.reason} It opens again{' '}
          {describeEnd(closed.until, now)}. What is deployed there runs on, and can be changed.
        </Text>
      )}
      {dialog.opened && <MaintenanceDialog instance={id} dialog={dialog} />}
    </Section>
  )
}
