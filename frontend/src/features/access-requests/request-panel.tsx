import { Text } from '@mantine/core'
import { Section } from '../../components/section.tsx'
import { useQuery } from '@tanstack/react-query'
import { AskForAccess, type AskForAccessProps } from './ask-for-access.tsx'
import { OwnRequests } from './own-requests.tsx'
import { ownRequestsQuery } from './queries.ts'
import classes from './requests.module.css'

/** What the person has asked for, and the way to ask for more. */
export function RequestPanel(props: AskForAccessProps) {
  return (
    <Section title="Requests">
      <div className={classes.head}>
        <Text size="sm" c="dimmed" className={classes.what}>
          Need more access for a while? An administrator decides, and it ends on its own.
        </Text>
        <AskForAccess {...props} />
      </div>
      <OwnRequests />
    </Section>
  )
}

/** What the person has asked for; nothing where that is nothing. */
export function OwnRequestPanel() {
  const requests = useQuery(ownRequestsQuery())
  if (requests.isPending || requests.data?.items.length === 0) return null
  return (
    <Section title="What you have asked for">
      <OwnRequests />
    </Section>
  )
}
