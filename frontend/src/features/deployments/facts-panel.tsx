import type { Deployment } from '@hub/shared'
import { Facts } from '../../components/facts.tsx'
import { Section } from '../../components/section.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { TextLink } from '../../components/router-link.tsx'
import { nameEngine } from './engine.ts'
import { describeGpus } from './gpus.ts'

/** What a deployment is made of, and where it is. */
export function FactsPanel({ deployment }: { deployment: Deployment }) {
  const { model, endpoint, instance } = deployment
  return (
    <Section title="Details">
      <Facts
        items={[
          { term: 'Model', value: model.id ?? 'Custom model' },
          ...(model.servedName === null ? [] : [{ term: 'Served as', value: model.servedName }]),
          {
            term: 'Engine',
            value: deployment.engine === null ? 'Not chosen yet' : nameEngine(deployment.engine),
          },
          { term: 'Runtime', value: deployment.runtime ?? 'Not chosen yet' },
          ...(deployment.servingMode === null
            ? []
            : [{ term: 'Serving mode', value: deployment.servingMode }]),
          { term: 'GPUs', value: describeGpus(deployment) },
          {
            term: 'Instance',
            value: (
              <TextLink to="/instances/$instance" params={{ instance }}>
                {instance}
              </TextLink>
            ),
          },
          { term: 'Namespace', value: deployment.namespace },
          {
            term: 'Created',
            value: (
              <>
                <RelativeTime at={deployment.createdAt} />
                {deployment.createdBy !== null && ` by ${deployment.createdBy}`}
              </>
            ),
          },
          {
            term: 'Endpoint',
            value:
              endpoint === null
                ? 'None yet'
                : `${endpoint.service}:${endpoint.port}, within the cluster`,
          },
        ]}
      />
    </Section>
  )
}
