import type { Deployment } from '@hub/shared'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { Facts } from '../../components/facts.tsx'
import { Section } from '../../components/section.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { TextLink } from '../../components/router-link.tsx'
import { lastChangeQuery } from './changes/queries.ts'
import { describeAuthor } from './changes/revision-words.ts'
import { nameEngine } from './engine.ts'
import { describeGpus } from './gpus.ts'
import { useOwnerNames } from './use-owner-names.ts'

/** What a deployment is made of, and where it is. */
export function FactsPanel({ deployment }: { deployment: Deployment }) {
  const { createdBy, model, endpoint, instance } = deployment
  const owners = useMemo(() => (createdBy === null ? null : new Set([createdBy])), [createdBy])
  const names = useOwnerNames(owners)
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
                {createdBy !== null && ` by ${names.get(createdBy) ?? createdBy}`}
              </>
            ),
          },
          { term: 'Changed', value: <LastChange deployment={deployment} /> },
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

function LastChange({ deployment }: { deployment: Deployment }) {
  const { data, isPending } = useQuery(lastChangeQuery(deployment, deployment.resourceVersion))
  if (isPending) {
    return <Skeleton component="span" display="inline-block" height="1em" width="60%" aria-hidden />
  }
  if (data === undefined) return 'Not known'
  if (data === null) return 'Not that the hub knows of'
  return (
    <>
      <RelativeTime at={data.at} />
      {`${data.by === null ? ',' : ' by'} ${describeAuthor(data)}`}
    </>
  )
}
