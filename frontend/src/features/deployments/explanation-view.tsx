import type { Deployment, DeploymentExplanation } from '@hub/shared'
import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { explanationQuery } from './queries.ts'
import classes from './explanation-view.module.css'

/** What helps, and the fields that tell why a deployment is as it is. What follows stays where it is when they come. */
export function Explanation({ deployment }: { deployment: Deployment }) {
  const { state, sentence } = deployment
  const { data, isPending } = useQuery(explanationQuery(deployment, `${state} ${sentence}`))
  if (data === undefined && !isPending) return null
  return (
    <>
      {data === undefined ? (
        // Nothing has to help one that runs.
        state !== 'running' && <Skeleton height={48} aria-hidden />
      ) : (
        <Help next={data.next} />
      )}
      {data?.evidence.length !== 0 && <Evidence evidence={data?.evidence ?? null} />}
    </>
  )
}

function Help({ next }: Pick<DeploymentExplanation, 'next'>) {
  if (next === '') return null
  return (
    <div>
      <Text size="sm" fw={500}>
        What helps
      </Text>
      <p className={classes.next}>{next}</p>
    </div>
  )
}

function Evidence({ evidence }: { evidence: DeploymentExplanation['evidence'] | null }) {
  return (
    <details className={classes.evidence}>
      <summary>Evidence</summary>
      {evidence === null ? (
        <Skeleton height={48} mt={8} aria-hidden />
      ) : (
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
      )}
    </details>
  )
}
