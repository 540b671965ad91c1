import { Table } from '@mantine/core'
import { thinOut, type ChartData } from './chart-data.ts'

const rowsShown = 13
/** Of what is longer, the day says more than the time. */
const daysMs = 2 * 86_400_000
const times = { timeStyle: 'short' } as const
/** Days are the hub's, which are those of UTC. */
const days = { dateStyle: 'medium', timeZone: 'UTC' } as const

/** What a chart shows, in words: a row for some of its moments, the latest first. */
export function ChartTable({ label, data }: { label: string; data: ChartData }) {
  const { at, format = String, series } = thinOut(data, rowsShown)
  const time = new Intl.DateTimeFormat(undefined, at.at(-1)! - at[0]! > daysMs ? days : times)
  const rows = at.map((moment, index) => ({ moment, index })).toReversed()
  return (
    <Table aria-label={label} verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Time</Table.Th>
          {series.map(({ name }) => (
            <Table.Th key={name}>{name}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ moment, index }) => (
          <Table.Tr key={moment}>
            <Table.Td>{time.format(moment)}</Table.Td>
            {series.map(({ name, values }) => (
              <Table.Td key={name}>{describeValue(values[index], format)}</Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function describeValue(value: number | null | undefined, format: (value: number) => string) {
  return typeof value === 'number' ? format(value) : 'unknown'
}
