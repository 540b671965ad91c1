import type { Deployment, DeploymentExplanation } from '@hub/shared'
import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { explanationQuery } from './queries.ts'
import classes from './explanation-view.module.css'

/** The same for a deployment as it is now; nothing until it is read. */
export function Explanation({ deployment }: { deployment: Deployment }) {
  const { state, sentence } = deployment
  const explanation = useQuery(explanationQuery(deployment, `${state} ${sentence}`))
  return explanation.data ? <ExplanationView explanation={explanation.data} /> : null
}

/** What helps, and the fields that tell why a deployment is as it is. */
function ExplanationView({
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
          <summary>Evidence</summary>
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
