import type { FieldError } from '@hub/shared'
import { Text } from '@mantine/core'
import { Notice } from '../../../components/notice.tsx'
import { describeFailure, isProblem } from '../../../lib/api/problem.ts'
import { WarningList } from '../changes/warning-list.tsx'
import type { Check } from './use-check.ts'

export interface CheckWordsProps {
  check: Check<{ warnings: readonly string[] }>
  /** What no field stands for. */
  rest: readonly FieldError[]
}

/** What the cluster says to what is written so far. */
export function CheckWords({ check, rest }: CheckWordsProps) {
  return (
    <>
      <output>
        <Text component="span" size="sm" c="dimmed">
          {check.state === 'checking' && 'Asking the cluster …'}
          {check.state === 'accepted' && 'The cluster accepts this.'}
        </Text>
      </output>
      {check.answer && <WarningList warnings={check.answer.warnings} />}
      {check.state === 'refused' && <Refused error={check.error} />}
      {rest.length > 0 && <RestNotice rest={rest} />}
    </>
  )
}

function RestNotice({ rest }: { rest: readonly FieldError[] }) {
  return (
    <Notice tone="bad" title="What no field above is about">
      <ul>
        {rest.map(({ detail, pointer }) => (
          <li key={`${pointer} ${detail}`}>
            <code>{pointer}</code> {detail}
          </li>
        ))}
      </ul>
    </Notice>
  )
}

/** What went wrong; `title` says of what. */
export function Refused({ error, title = 'Not accepted' }: { error: unknown; title?: string }) {
  const isServers = isProblem(error) && error.status >= 500
  const {
    isUnknown,
    text,
    title: words,
  } = describeFailure(error, isServers ? 'It did not work' : title)
  const marked = isProblem(error) ? error.errors.length : 0
  return (
    <Notice tone={isUnknown || isServers ? 'warning' : 'bad'} title={words} role="alert">
      <p>{text}</p>
      {marked > 0 && (
        <p>{marked === 1 ? 'The field is marked above.' : 'The fields are marked above.'}</p>
      )}
      {isServers && error.requestId !== null && (
        <Text component="p" size="xs" c="dimmed">
          Reference {error.requestId}
        </Text>
      )}
    </Notice>
  )
}
