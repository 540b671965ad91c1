import { Text } from '@mantine/core'
import type { ApiToken } from '@hub/shared'
import type { UseMutationOptions } from '@tanstack/react-query'
import { roleLabels } from '../lib/access/words.ts'
import { describeEnd } from '../lib/time.ts'
import { ConfirmButton } from './confirm-button.tsx'
import { RelativeTime, useNow } from './relative-time.tsx'
import rows from './rows.module.css'

export interface TokenRowProps {
  token: ApiToken
  revoke: UseMutationOptions<void>
}

/** An API token in a list, and the way to end it, which asks once more. */
export function TokenRow({ token, revoke }: TokenRowProps) {
  const now = useNow()
  const { expiresAt, instanceIds, isUseOnly, lastUsedAt, name, roleCeiling } = token
  return (
    <li className={rows.row}>
      <div className={rows.what}>
        <span className={rows.strong}>{name}</span>
        {describeBudget(token).map((sentence) => (
          <Text key={sentence} size="sm">
            {sentence}
          </Text>
        ))}
        <Text size="xs" c="dimmed">
          {isUseOnly ? 'Uses models only' : `At most ${roleLabels[roleCeiling].toLowerCase()}`}
          {instanceIds === null ? '' : ` on ${instanceIds.join(', ')}`} · ends{' '}
          {describeEnd(expiresAt, now)} ·{' '}
          {lastUsedAt === null ? (
            'never used'
          ) : (
            <>
              last used <RelativeTime at={lastUsedAt} />
            </>
          )}
        </Text>
      </div>
      <ConfirmButton
        label="Revoke"
        ariaLabel={`Revoke ${name}`}
        title={`Revoke ${name}?`}
        action="Revoke token"
        isDestructive
        mutation={revoke}
      >
        Anything that uses this token is refused from now on. You cannot undo this.
      </ConfirmButton>
    </li>
  )
}

/** What is used of its budget, where it has one. */
function describeBudget({ budget: { callsPerDay, gpus }, used }: ApiToken): string[] {
  if (used === null) return []
  return [
    ...(callsPerDay === null ? [] : [`${used.callsToday} of ${callsPerDay} calls used today`]),
    ...(gpus === null ? [] : [`${used.gpus} of ${gpus} GPUs held`]),
  ]
}
