import { Skeleton, Stack } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ProblemMessage } from '../../components/problem-message.tsx'

export interface UnloadedPageProps {
  query: Pick<UseQueryResult, 'error' | 'isPending' | 'refetch'>
  title: string
  back: ReactNode
}

/** The page of somebody while it is read, and where it cannot be. */
export function UnloadedPage({
  query: { error, isPending, refetch },
  title,
  back,
}: UnloadedPageProps) {
  if (isPending) return <LoadingPage />
  return (
    <ProblemMessage
      error={error}
      title={title}
      order={1}
      onRetry={() => void refetch()}
      actions={back}
    />
  )
}

function LoadingPage() {
  return (
    <Stack gap="md" aria-hidden>
      <Skeleton height={32} width={240} />
      <Skeleton height={180} radius="md" />
      <Skeleton height={180} radius="md" />
    </Stack>
  )
}
