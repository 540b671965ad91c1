import type { ReactNode } from 'react'
import type { Column, TableSort } from './column.ts'
import type { TableRows } from './paged-rows.ts'

export interface VirtualTableProps<Row> {
  /** What the choice of columns is kept under. */
  id: string
  /** What is in it, as one and as several: "deployment", "deployments". */
  names: readonly [one: string, several: string]
  rows: TableRows<Row>
  nameOf: (row: Row) => string
  /** Rows are drawn anew when these are others. */
  columns: readonly Column<Row>[]
  /** The two lines of a row where there is no room for columns; the same function as long as they are the same. */
  renderLines: (row: Row) => ReactNode
  sort: TableSort
  onSort: (sort: TableSort) => void
  /** What the rows are narrowed by: where that is another, the table begins anew. */
  filter: string
  /** Whether the rows are those of a filter that is no more. */
  isWaiting: boolean
  /** The rows from `first` to `last` are about to be seen. */
  onShown: (first: number, last: number) => void
  onOpen: (row: Row) => void
  renderPreview: (row: Row) => { title: string; content: ReactNode; actions: ReactNode }
  /** What can be done with the selected rows. */
  renderActions: (selected: readonly Row[]) => ReactNode
  /** Beside the number of rows. */
  tools?: ReactNode
}
