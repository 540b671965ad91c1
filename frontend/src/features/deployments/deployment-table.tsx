import { Table, Text, UnstyledButton } from '@mantine/core'
import type { Deployment } from '@hub/shared'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { memo, type ReactNode } from 'react'
import { RelativeTime } from '../../components/relative-time.tsx'
import { TextLink } from '../../components/router-link.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { nameEngine } from './engine.ts'
import { countGpusInUse } from './gpus.ts'
import type { Sort, SortField } from './list-filter.ts'
import { countSurplus, describeLastPhase, describePhase } from './phase.ts'
import classes from './deployment-table.module.css'

export interface DeploymentTableProps {
  deployments: readonly Deployment[]
  /** Instances whose deployments are shown as they were last known. */
  outdated: ReadonlySet<string>
  /** The instance column; an instance's own page needs none. */
  withInstance: boolean
  sort: Sort
  onSort: (field: SortField) => void
}

export function DeploymentTable({
  deployments,
  outdated,
  withInstance,
  ...sorting
}: DeploymentTableProps) {
  return (
    <Table className={classes.table} verticalSpacing={8} horizontalSpacing="md" highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          <SortableHeader name="name" {...sorting}>
            Deployment
          </SortableHeader>
          {withInstance && (
            <SortableHeader name="instance" {...sorting} wide>
              Instance
            </SortableHeader>
          )}
          <SortableHeader name="namespace" {...sorting} wide>
            Namespace
          </SortableHeader>
          <SortableHeader name="phase" {...sorting}>
            Status
          </SortableHeader>
          <Table.Th visibleFrom="sm" className={classes.number}>
            Replicas
          </Table.Th>
          <Table.Th visibleFrom="md" className={classes.number}>
            GPUs
          </Table.Th>
          <Table.Th visibleFrom="lg">Engine</Table.Th>
          <SortableHeader name="createdAt" {...sorting} wide>
            Created
          </SortableHeader>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {deployments.map((deployment) => (
          <Row
            key={deployment.uid}
            deployment={deployment}
            isCurrent={!outdated.has(deployment.instance)}
            withInstance={withInstance}
          />
        ))}
      </Table.Tbody>
    </Table>
  )
}

const Row = memo(function Row({
  deployment,
  isCurrent,
  withInstance,
}: {
  deployment: Deployment
  isCurrent: boolean
  withInstance: boolean
}) {
  const { instance, namespace, name, model, replicas, engine, runtime } = deployment
  const { words, tone } = isCurrent ? describePhase(deployment) : describeLastPhase(deployment)
  const surplus = countSurplus(deployment)
  return (
    <Table.Tr className={classes.row}>
      <Table.Td className={classes.name}>
        <TextLink
          to="/instances/$instance/namespaces/$namespace/deployments/$name"
          params={{ instance, namespace, name }}
          className={classes.link}
          underline="never"
        >
          {name}
        </TextLink>
        <Text size="xs" c="dimmed" className={classes.model}>
          {model.id ?? 'Custom model'}
        </Text>
        <Text size="xs" c="dimmed" hiddenFrom="sm">
          {withInstance ? `${instance} / ${namespace}` : namespace}
        </Text>
      </Table.Td>
      {withInstance && <Table.Td visibleFrom="sm">{instance}</Table.Td>}
      <Table.Td visibleFrom="sm">{namespace}</Table.Td>
      <Table.Td>
        <StatusBadge tone={tone} label={words} />
      </Table.Td>
      <Table.Td visibleFrom="sm" className={classes.number}>
        {surplus === null
          ? `${Math.min(replicas.ready, replicas.desired)} of ${replicas.desired}`
          : `${surplus}, asked for ${replicas.desired}`}
      </Table.Td>
      <Table.Td visibleFrom="md" className={classes.number}>
        {countGpusInUse(deployment) ?? '–'}
      </Table.Td>
      <Table.Td visibleFrom="lg">
        {engine === null ? '–' : nameEngine(engine)}
        {runtime !== null && (
          <Text size="xs" c="dimmed">
            {runtime}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm" className={classes.time}>
        <RelativeTime at={deployment.createdAt} />
      </Table.Td>
    </Table.Tr>
  )
})

function SortableHeader({
  name,
  sort,
  onSort,
  wide = false,
  children,
}: Pick<DeploymentTableProps, 'sort' | 'onSort'> & {
  name: SortField
  wide?: boolean
  children: ReactNode
}) {
  const active = sort.field === name
  const { descending } = sort
  const Arrow = descending ? IconArrowDown : IconArrowUp
  return (
    <Table.Th
      {...(wide && { visibleFrom: 'sm' as const })}
      {...(active && {
        'aria-sort': descending ? ('descending' as const) : ('ascending' as const),
      })}
    >
      <UnstyledButton className={classes.sort} onClick={() => onSort(name)}>
        {children}
        <span className={classes.arrow} data-active={active} aria-hidden>
          <Arrow size={14} />
        </span>
      </UnstyledButton>
    </Table.Th>
  )
}
