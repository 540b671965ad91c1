import type { Instance } from '@hub/shared'
import { Table, VisuallyHidden } from '@mantine/core'
import type { ReactNode } from 'react'
import { InstanceMark } from '../../components/instance-mark.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { TextLink } from '../../components/router-link.tsx'
import { describeNodes, summarizeRuntimes } from './capacity.ts'
import { GpuSummary } from './gpu-summary.tsx'
import { InstanceStatusBadge } from './instance-status.tsx'
import table from '../../components/table.module.css'
import classes from './instance-table.module.css'

/** What administrators see beside each instance: the credential through which the hub reaches it. */
export interface InstanceCredentials {
  render: (id: string, knownReason: string | null) => ReactNode
  renderActions: (id: string) => ReactNode
  /** Files that lead to no instance. */
  others: readonly { key: string; name: string; credential: ReactNode; actions: ReactNode }[]
}

export interface InstanceTableProps {
  instances: readonly Instance[]
  /** Null for everybody but administrators. */
  credentials: InstanceCredentials | null
}

/** Every instance, a row each. */
export function InstanceTable({ instances, credentials }: InstanceTableProps) {
  return (
    <Table className={`${table.table} ${classes.table}`} verticalSpacing={12}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Instance</Table.Th>
          <Table.Th scope="col" visibleFrom="sm">
            GPUs
          </Table.Th>
          <Table.Th scope="col" visibleFrom="lg">
            Nodes
          </Table.Th>
          <Table.Th scope="col" visibleFrom="lg">
            Runtimes
          </Table.Th>
          {credentials && (
            <>
              <Table.Th scope="col" visibleFrom="md">
                Credential
              </Table.Th>
              <Table.Th scope="col" visibleFrom="md">
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            </>
          )}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {instances.map((instance) => (
          <Row key={instance.id} instance={instance} credentials={credentials} />
        ))}
        {credentials?.others.map(({ key, name, credential, actions }) => (
          <Table.Tr key={key}>
            <Table.Td className={classes.name}>
              <span className={classes.strong}>{name}</span>
              <div className={classes.dimmed}>This file is not an instance</div>
              <Small credential={credential} actions={actions} />
            </Table.Td>
            <Table.Td visibleFrom="sm" />
            <Table.Td visibleFrom="lg" />
            <Table.Td visibleFrom="lg" />
            <Table.Td visibleFrom="md">{credential}</Table.Td>
            <Table.Td visibleFrom="md">{actions}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Row({
  instance,
  credentials,
}: {
  instance: Instance
  credentials: InstanceCredentials | null
}) {
  const { id, capacity, runtimes, status, deploymentCount, kubernetesVersion } = instance
  const credential = credentials?.render(id, status.reason)
  const actions = credentials?.renderActions(id)
  return (
    <Table.Tr>
      <Table.Td className={classes.name}>
        <div className={classes.title}>
          <InstanceMark id={id} />
          <TextLink to="/instances/$instance" params={{ instance: id }} className={classes.strong}>
            {id}
          </TextLink>
          <InstanceStatusBadge instance={instance} />
        </div>
        {status.reason !== null && (
          <p className={classes.reason}>
            {status.reason} Since <RelativeTime at={status.since} />.
          </p>
        )}
        <div className={classes.dimmed}>
          {deploymentCount} {deploymentCount === 1 ? 'deployment' : 'deployments'} · Kubernetes{' '}
          {kubernetesVersion ?? 'version unknown'} ·{' '}
          {status.lastSeenAt === null ? (
            'never seen'
          ) : (
            <>
              seen <RelativeTime at={status.lastSeenAt} />
            </>
          )}
        </div>
        <div className={classes.narrow}>
          <GpuSummary instance={instance} />
        </div>
        {credentials && <Small credential={credential} actions={actions} />}
      </Table.Td>
      <Table.Td visibleFrom="sm" className={classes.gpus}>
        <GpuSummary instance={instance} />
      </Table.Td>
      <Table.Td visibleFrom="lg">{describeNodes(capacity.nodes)}</Table.Td>
      <Table.Td visibleFrom="lg">{summarizeRuntimes(runtimes)}</Table.Td>
      {credentials && (
        <>
          <Table.Td visibleFrom="md">{credential}</Table.Td>
          <Table.Td visibleFrom="md">{actions}</Table.Td>
        </>
      )}
    </Table.Tr>
  )
}

/** Below the name, where the columns have no room. */
function Small({ credential, actions }: { credential: ReactNode; actions: ReactNode }) {
  return (
    <div className={classes.small}>
      {credential}
      {actions}
    </div>
  )
}
