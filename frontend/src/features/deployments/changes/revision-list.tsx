import { Button, Group, Table, VisuallyHidden } from '@mantine/core'
import type { DeploymentRevision } from '@hub/shared'
import { RelativeTime } from '../../../components/relative-time.tsx'
import table from '../../../components/table.module.css'
import { describeAuthor } from './revision-words.ts'

export interface RevisionListProps {
  /** Newest first. */
  items: readonly DeploymentRevision[]
  onCompare: (generation: number) => void
  /** Null for who may not change the deployment. */
  onRestore: ((revision: DeploymentRevision) => void) | null
}

export function RevisionList({ items, onCompare, onRestore }: RevisionListProps) {
  return (
    <Table className={table.table} verticalSpacing={8} horizontalSpacing="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Generation</Table.Th>
          <Table.Th scope="col">By</Table.Th>
          <Table.Th scope="col">When</Table.Th>
          <Table.Th scope="col">
            <VisuallyHidden>Actions</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((revision, index) => (
          <Table.Tr key={revision.generation}>
            <Table.Td>
              {revision.generation}
              {index === 0 && ', now'}
            </Table.Td>
            <Table.Td>{describeAuthor(revision)}</Table.Td>
            <Table.Td>
              <RelativeTime at={revision.at} />
            </Table.Td>
            <Table.Td>
              {index > 0 && (
                <Group gap="xs" justify="flex-end">
                  <Button
                    variant="default"
                    size="xs"
                    aria-label={`Compare generation ${revision.generation} with now`}
                    onClick={() => onCompare(revision.generation)}
                  >
                    Compare
                  </Button>
                  {onRestore && (
                    <Button
                      variant="default"
                      size="xs"
                      aria-label={`Back to generation ${revision.generation}`}
                      onClick={() => onRestore(revision)}
                    >
                      Back to this
                    </Button>
                  )}
                </Group>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
