import { Text } from '@mantine/core'
import type { Deployment } from '@hub/shared'
import type { UseMutationResult } from '@tanstack/react-query'
import { Notice } from '../../components/notice.tsx'
import { describeFailure, isProblem } from '../../lib/api/problem.ts'
import { placeProblem } from './deploy-values.ts'
import type { DeployAttempt } from './queries.ts'

/** What came of the last attempt to deploy, or to check. */
export function AttemptNotice({
  attempt,
}: {
  attempt: UseMutationResult<Deployment, Error, DeployAttempt>
}) {
  if (attempt.isError) return <AttemptError error={attempt.error} />
  if (!attempt.isSuccess || !attempt.variables.checkOnly) return null
  return (
    <Notice tone="good" title="The cluster accepts this" role="alert">
      Nothing has been created yet. Deploy when you are ready.
    </Notice>
  )
}

function AttemptError({ error }: { error: unknown }) {
  const { fields, rest } = placeProblem(error)
  const placed = Object.keys(fields).length
  const { isUnknown, text: detail, title } = describeFailure(error, titleOf(error))
  return (
    <Notice tone={isUnknown ? 'warning' : 'bad'} role="alert" title={title}>
      {!Object.values(fields).includes(detail) && <p>{detail}</p>}
      {rest.length > 0 && (
        <ul>
          {rest.map(({ pointer, detail: what }) => (
            <li key={`${pointer} ${what}`}>
              <code>{pointer}</code> {what}
            </li>
          ))}
        </ul>
      )}
      {placed > 0 && (
        <p>{placed === 1 ? 'The field is marked above.' : 'The fields are marked above.'}</p>
      )}
      {isProblem(error) && error.status >= 500 && error.requestId && (
        <Text component="p" size="xs" c="dimmed">
          Reference {error.requestId}
        </Text>
      )}
    </Notice>
  )
}

function titleOf(error: unknown): string {
  return isProblem(error) && error.status < 500 ? 'Not accepted' : 'It did not work'
}
