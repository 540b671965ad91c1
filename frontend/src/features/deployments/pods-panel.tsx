import type { DeploymentPod, DeploymentPods } from '@hub/shared'
import { Skeleton, Table, Text } from '@mantine/core'
import { IconBox } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Loaded } from '../../components/loaded.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { StatusLabel } from '../../components/status-label.tsx'
import { describeContainer, describePod, describeRestarts } from './pod-words.ts'
import { podsQuery, type DeploymentCoordinates } from './queries.ts'
import table from '../../components/table.module.css'
import classes from './pods-panel.module.css'

/** The pods of a deployment: how each is, where, and what keeps it from running. */
export function PodsPanel({ at }: { at: DeploymentCoordinates }) {
  const pods = useQuery(podsQuery(at))
  return (
    <Loaded
      query={pods}
      title="The pods could not be loaded"
      placeholder={<Skeleton height={160} aria-hidden />}
    >
      {(data) => <Pods pods={data} />}
    </Loaded>
  )
}

function Pods({ pods: { items, reason } }: { pods: DeploymentPods }) {
  if (items === null) {
    return (
      <StateMessage icon={IconBox} title="Pods cannot be read">
        {reason}
      </StateMessage>
    )
  }
  if (items.length === 0) {
    return (
      <StateMessage icon={IconBox} title="No pods">
        Nothing of this deployment runs or waits on the cluster. Its status says why.
      </StateMessage>
    )
  }
  return (
    <Table className={table.table} verticalSpacing={10} aria-label="Pods">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Pod</Table.Th>
          <Table.Th scope="col">State</Table.Th>
          <Table.Th scope="col" visibleFrom="sm">
            Node
          </Table.Th>
          <Table.Th scope="col" visibleFrom="sm" className={classes.number}>
            Restarts
          </Table.Th>
          <Table.Th scope="col" visibleFrom="md">
            Since
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((pod) => (
          <Row key={pod.uid} pod={pod} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Row({ pod }: { pod: DeploymentPod }) {
  const { name, node, containers, createdAt, resources, why, unscheduled } = pod
  const own = containers.filter(({ isInit, isReady }) => !isInit || !isReady)
  return (
    <Table.Tr>
      <Table.Td className={classes.name}>
        <span className={classes.id}>{name}</span>
        {resources.map(({ resource, count }) => (
          <Text key={resource} size="xs" c="dimmed">
            {count} {resource}
          </Text>
        ))}
      </Table.Td>
      <Table.Td className={classes.state}>
        <StatusLabel {...describePod(pod)} />
        {why !== null && <p className={classes.why}>{why}</p>}
        {unscheduled && <p className={classes.own}>The scheduler says: {unscheduled.message}</p>}
        <ul className={classes.containers} aria-label={`Containers of ${name}`}>
          {own.map((container) => (
            <li key={container.name}>
              <span className={classes.id}>{container.name}</span>: {describeContainer(container)}
            </li>
          ))}
        </ul>
      </Table.Td>
      <Table.Td visibleFrom="sm">{node ?? 'none yet'}</Table.Td>
      <Table.Td visibleFrom="sm" className={classes.number}>
        {describeRestarts(pod)}
      </Table.Td>
      <Table.Td visibleFrom="md">
        {createdAt === null ? 'unknown' : <RelativeTime at={createdAt} />}
      </Table.Td>
    </Table.Tr>
  )
}
