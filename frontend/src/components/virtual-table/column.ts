import type { ReactNode } from 'react'

/** A column of a table. The first ones stay longest where there is little room. */
export interface Column<Row> {
  id: string
  label: string
  /** In pixels, at least. */
  width: number
  /** Its share of the room that is left; 0 where nothing is said. */
  grow?: number
  isNumber?: boolean
  /** Always there: what a row is known by. */
  isFixed?: boolean
  /** Not shown until somebody chooses it. */
  isExtra?: boolean
  /** What the list is sorted by with it. */
  sort?: string
  /** Where the first press on its head sorts downwards. */
  isDescendingFirst?: boolean
  render: (row: Row) => ReactNode
}

export interface TableSort {
  field: string
  descending: boolean
}

/** What somebody chose of the columns, by id, where it differs from what is shown anyway. */
export type ColumnChoice = Readonly<Record<string, boolean>>

export function isChosen<Row>(column: Column<Row>, choice: ColumnChoice): boolean {
  return column.isFixed === true || (choice[column.id] ?? column.isExtra !== true)
}

/** Of what is stored, whatever says yes or no of a column. */
export function readColumnChoice(stored: unknown): ColumnChoice {
  if (typeof stored !== 'object' || stored === null) return {}
  return Object.fromEntries(
    Object.entries(stored).filter(
      (entry): entry is [string, boolean] => typeof entry[1] === 'boolean',
    ),
  )
}

/** The chosen columns that have room, from the first; fixed ones always. */
export function fitColumns<Row>(
  columns: readonly Column<Row>[],
  choice: ColumnChoice,
  room: number,
): readonly Column<Row>[] {
  const fitting = columns.filter((column) => isChosen(column, choice))
  const needed = () => fitting.reduce((sum, { width }) => sum + width, 0)
  while (needed() > room) {
    const at = fitting.findLastIndex(({ isFixed }) => isFixed !== true)
    if (at === -1) break
    fitting.splice(at, 1)
  }
  return fitting
}

/** The columns as tracks of a CSS grid. */
export function toTracks<Row>(columns: readonly Column<Row>[]): string {
  return columns
    .map(({ grow, width }) => (grow ? `minmax(${width}px, ${grow}fr)` : `${width}px`))
    .join(' ')
}
