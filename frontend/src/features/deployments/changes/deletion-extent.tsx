import { Skeleton, Text } from '@mantine/core'
import type { Deployment } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { describeError } from '../../../lib/api/problem.ts'
import { deletionQuery } from './queries.ts'

/** What goes with a deployment, as its cluster says before it is deleted. */
export function DeletionExtent({ deployment }: { deployment: Deployment }) {
  const { data, error, isPending } = useQuery(deletionQuery(deployment))
  if (isPending) return <Skeleton height={48} mt="sm" aria-label="Reading what goes with it" />
  if (data === undefined) {
    return (
      <Text size="sm" mt="sm">
        What goes with it could not be read. {describeError(error)}
      </Text>
    )
  }
  if (data.takes.length === 0) return null
  return (
    <>
      <Text size="sm" mt="sm">
        Deleted with it:
      </Text>
      <ul>
        {data.takes.map(({ detail, kind, name }) => (
          <li key={`${kind} ${name}`}>
            {kind} <strong>{name}</strong>
            {detail !== null && `, ${detail}`}
          </li>
        ))}
      </ul>
    </>
  )
}
