import { Table, Text } from '@mantine/core'
import type { Capacity, GpuPool } from '@hub/shared'
import { Section } from '../../components/section.tsx'
import { describeOther, describePool } from './capacity.ts'
import { nameProduct } from '../../lib/name-product.ts'
import { GpuBar } from './gpu-bar.tsx'
import classes from './gpu-panel.module.css'

export function GpuPanel({ capacity }: { capacity: Capacity }) {
  const { gpus, resources, reason } = capacity
  return (
    <Section title="GPUs">
      {gpus === null ? (
        <Text size="sm" c="dimmed">
          Unknown.
        </Text>
      ) : gpus.length === 0 ? (
        <Text size="sm" c="dimmed">
          No node of this cluster offers a GPU.
        </Text>
      ) : (
        // What scrolls has to be reachable by keyboard (WCAG 2.1.1).
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <section className={classes.scroll} tabIndex={0} aria-label="GPUs by product">
          <Table className={classes.table} verticalSpacing={8} horizontalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Product</Table.Th>
                <Table.Th scope="col" className={classes.number}>
                  Used
                </Table.Th>
                <Table.Th scope="col" className={classes.number}>
                  Free
                </Table.Th>
                <Table.Th scope="col" className={classes.spare}>
                  Reserved
                </Table.Th>
                <Table.Th scope="col" className={classes.spare}>
                  Unavailable
                </Table.Th>
                <Table.Th scope="col" className={classes.number}>
                  On one node
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {gpus.map((pool) => (
                <PoolRow key={`${pool.product} ${pool.resource}`} pool={pool} />
              ))}
            </Table.Tbody>
          </Table>
        </section>
      )}
      {resources !== null && resources.length > 0 && (
        <Text size="sm" c="dimmed" mt="xs" className={classes.reason}>
          Nodes also offer {resources.map(describeOther).join('; ')}.
        </Text>
      )}
      {reason !== null && (
        <Text size="sm" c="dimmed" mt="xs" className={classes.reason}>
          {reason}
        </Text>
      )}
    </Section>
  )
}

function PoolRow({ pool }: { pool: GpuPool }) {
  const { product, resource, memoryMiB, nodes, requested, free, reserved, unavailable } = pool
  const facts = [
    pool.isClaimed ? `claimed from ${resource}` : resource,
    memoryMiB !== null && `${Math.round(memoryMiB / 1024)} GiB each`,
    `${nodes} ${nodes === 1 ? 'node' : 'nodes'}`,
  ].filter((fact) => fact !== false)
  return (
    <Table.Tr>
      <Table.Th scope="row" className={classes.product}>
        {nameProduct(product)}
        <span className={classes.facts}>{facts.join(' · ')}</span>
        <GpuBar pool={pool} />
        <span className={classes.facts}>
          {[
            describePool(pool).inUse,
            reserved > 0 && `${reserved} reserved by taint`,
            unavailable > 0 && `${unavailable} unavailable`,
          ]
            .filter((words) => words !== false)
            .join(', ')}
        </span>
      </Table.Th>
      <Table.Td className={classes.number}>{requested ?? 'unknown'}</Table.Td>
      <Table.Td className={classes.number}>{free ?? 'unknown'}</Table.Td>
      <Table.Td className={classes.spare}>{reserved}</Table.Td>
      <Table.Td className={classes.spare}>{unavailable}</Table.Td>
      <Table.Td className={classes.number}>{describeBlock(pool.largestFreeBlock)}</Table.Td>
    </Table.Tr>
  )
}

function describeBlock(count: number | null): string {
  if (count === null) return 'unknown'
  return count === 0 ? 'none' : `up to ${count}`
}
