import type { Instance } from '@hub/shared'
import { Facts } from '../../components/facts.tsx'
import { Section } from '../../components/section.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { accessModeWords, describeNodes } from './capacity.ts'
import { describeInstanceState } from '../../components/instance-words.ts'

export function ClusterPanel({ instance }: { instance: Instance }) {
  const { accessMode, apiGroup, capacity, heardAt, kubernetesVersion, rights, status } = instance
  return (
    <Section title="Cluster">
      <Facts
        items={[
          {
            term: 'Status',
            value: (
              <>
                {describeInstanceState(status.state).label} since <RelativeTime at={status.since} />
              </>
            ),
          },
          {
            term: 'Last seen',
            value: status.lastSeenAt === null ? 'never' : <RelativeTime at={status.lastSeenAt} />,
          },
          {
            term: 'Contents last updated',
            value: heardAt === null ? 'never' : <RelativeTime at={heardAt} />,
          },
          { term: 'Nodes', value: describeNodes(capacity.nodes) },
          { term: 'Kubernetes', value: kubernetesVersion ?? 'unknown' },
          { term: 'AI Runway API', value: apiGroup ?? 'none found' },
          {
            term: 'Access',
            value: `${accessModeWords[accessMode]}${rights === 'cluster' ? '; the cluster decides alone' : ''}`,
          },
        ]}
      />
    </Section>
  )
}
