import type { DeploymentExplanation } from '@hub/shared'
import { Text } from '@mantine/core'
import classes from './explanation-view.module.css'

/** What helps, and the fields that tell why a deployment is as it is. */
export function ExplanationView({
  explanation: { evidence, next },
}: {
  explanation: Pick<DeploymentExplanation, 'evidence' | 'next'>
}) {
  return (
    <>
      {next !== '' && (
        <div>
          <Text size="sm" fw={500}>
            What helps
          </Text>
          <p className={classes.next}>{next}</p>
        </div>
      )}
      {evidence.length > 0 && (
        <details className={classes.evidence}>
          <summary>What tells it</summary>
          <dl>
            {evidence.map(({ object, field, value }) => (
              <div key={`${object} ${field} ${value}`}>
                <dt>
                  {object} <span className={classes.field}>{field}</span>
                </dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  )
}
