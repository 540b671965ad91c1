import type { FleetMap } from '@hub/shared'
import { Table } from '@mantine/core'
import type { ReactNode } from 'react'
import { nameProduct } from '../../lib/name-product.ts'
import { describeWhy, listPlaces } from './map-cells.ts'
import classes from './gpu-table.module.css'

export interface GpuTableProps {
  map: FleetMap
  renderInstance: (id: string) => ReactNode
  renderHolder: (holder: { instance: string; namespace: string; name: string }) => ReactNode
}

/** The map in words: a row for each node and product. */
export function GpuTable({ map, renderInstance, renderHolder }: GpuTableProps) {
  const rows = map.instances.flatMap((instance) =>
    listPlaces(instance).flatMap((node) =>
      node.pools.map((pool) => ({ instance: instance.id, node, pool })),
    ),
  )
  return (
    <div className={classes.scroll}>
      <Table aria-label="GPUs by node" verticalSpacing={8}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Node</Table.Th>
            <Table.Th>Product</Table.Th>
            <Table.Th className={classes.number}>Free</Table.Th>
            <Table.Th>Held by</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ instance, node, pool }) => (
            <Table.Tr key={JSON.stringify([instance, node.name, pool.product, pool.resource])}>
              <Table.Td>
                {renderInstance(instance)}
                <div className={classes.node}>
                  {node.name === '' ? 'no node' : node.name}
                  {describeWhy(node)}
                </div>
              </Table.Td>
              <Table.Td>{nameProduct(pool.product)}</Table.Td>
              <Table.Td className={classes.number}>
                {pool.free ?? 'unknown'} of {pool.total}
              </Table.Td>
              <Table.Td>
                <ul className={classes.holders}>
                  {(pool.holders ?? []).map(({ namespace, name, count }) => (
                    <li key={`${namespace}/${name}`}>
                      {renderHolder({ instance, namespace, name })} ({namespace}): {count}
                    </li>
                  ))}
                  {pool.others > 0 && <li>others: {pool.others}</li>}
                  {pool.reserved > 0 && <li>reserved by a taint: {pool.reserved}</li>}
                  {pool.unavailable > 0 && <li>unavailable: {pool.unavailable}</li>}
                </ul>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}
