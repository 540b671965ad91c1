import { Table, Text } from '@mantine/core'
import type { Usage } from '@hub/shared'
import { Section } from '../../components/section.tsx'
import { formatCount, formatWait, keyLabels } from './usage-words.ts'
import table from '../../components/table.module.css'
import classes from './usage.module.css'

/** Who or what used how much, those with most requests first. */
export function UsageTable({ usage: { by, items, more } }: { usage: Usage }) {
  const label = `By ${keyLabels[by].toLowerCase()}`
  return (
    <Section title={label}>
      <Table className={table.table} aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{keyLabels[by]}</Table.Th>
            <Table.Th scope="col" ta="end">
              Requests
            </Table.Th>
            <Table.Th scope="col" ta="end" visibleFrom="sm">
              Failed
            </Table.Th>
            <Table.Th scope="col" ta="end">
              Tokens
            </Table.Th>
            <Table.Th scope="col" ta="end" visibleFrom="sm">
              First byte
            </Table.Th>
            <Table.Th scope="col" ta="end">
              GPU hours
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={item.key}>
              <Table.Th scope="row" className={classes.name}>
                {item.label}
              </Table.Th>
              <Table.Td className={classes.number}>{formatCount(item.requests)}</Table.Td>
              <Table.Td className={classes.number} visibleFrom="sm">
                {formatCount(item.errors)}
              </Table.Td>
              <Table.Td className={classes.number}>
                {formatCount(item.promptTokens + item.completionTokens)}
              </Table.Td>
              <Table.Td className={classes.number} visibleFrom="sm">
                {formatWait(item.firstByteMs)}
              </Table.Td>
              <Table.Td className={classes.number}>{formatCount(item.gpuHours)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {more > 0 && (
        <Text c="dimmed" size="sm" mt="xs">
          {formatCount(more)} more are counted in the sums above and not listed.
        </Text>
      )}
    </Section>
  )
}
