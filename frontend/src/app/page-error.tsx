import { useRouter, type ErrorComponentProps } from '@tanstack/react-router'
import { IconMapQuestion } from '@tabler/icons-react'
import { usePageTitle } from '../components/page-name.ts'
import { ProblemMessage } from '../components/problem-message.tsx'
import { FleetLink } from '../components/fleet-link.tsx'
import { StateMessage } from '../components/state-message.tsx'

export function PageError({ error }: ErrorComponentProps) {
  usePageTitle('Error')
  const router = useRouter()
  return (
    <ProblemMessage
      error={error}
      title="This page could not be shown"
      order={1}
      onRetry={() => void router.invalidate()}
    />
  )
}

export function NotFoundPage() {
  usePageTitle('Not found')
  return (
    <StateMessage icon={IconMapQuestion} title="Page not found" order={1} actions={<FleetLink />}>
      There is no page at this address.
    </StateMessage>
  )
}
