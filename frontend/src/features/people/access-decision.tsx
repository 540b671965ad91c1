import { Text } from '@mantine/core'
import type { AccessDecision as Decision, GrantOrigin } from '@hub/shared'
import { StatusBadge } from '../../components/status-badge.tsx'
import { permissionLabels } from '../../lib/access/words.ts'
import { describeGrant } from './people-words.ts'
import rows from '../../components/rows.module.css'
import classes from './people.module.css'

export interface AccessDecisionProps {
  decision: Decision
  grants: ReadonlyMap<string, GrantOrigin>
}

/** Whether one thing is allowed, by which roles, and why the others do not count. */
export function AccessDecision({
  decision: { grants: counting, isAllowed, isClusterAsked, others, permission },
  grants,
}: AccessDecisionProps) {
  const name = (id: string) => {
    const grant = grants.get(id)
    return grant ? describeGrant(grant) : 'A role'
  }
  const rest = others.map(({ grant, reason: why }) => (
    <li key={grant}>
      {name(grant)}: {why.replace(permission, 'this')}
    </li>
  ))
  return (
    <div className={classes.decision}>
      <span>
        <StatusBadge tone={isAllowed ? 'good' : 'neutral'} label={isAllowed ? 'Yes' : 'No'} />
      </span>
      <div className={classes.words}>
        <span className={rows.strong}>{permissionLabels[permission]}</span>
        {isAllowed && (
          <ul className={classes.because}>
            {counting.map((id) => (
              <li key={id}>{name(id)}</li>
            ))}
          </ul>
        )}
        {isClusterAsked && (
          <Text size="xs" c="dimmed">
            The cluster’s own RBAC applies as well.
          </Text>
        )}
        {!isAllowed && rest.length > 0 && <ul className={classes.because}>{rest}</ul>}
        {isAllowed && rest.length > 0 && (
          <details className={classes.others}>
            <summary>
              {rest.length === 1 ? '1 other role does' : `${rest.length} other roles do`} not count
              here
            </summary>
            <ul className={classes.because}>{rest}</ul>
          </details>
        )}
      </div>
    </div>
  )
}
