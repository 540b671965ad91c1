import type { TableRows } from './paged-rows.ts'

/** The selected rows by their keys, as they were when they were selected. */
export type Selection<Row> = ReadonlyMap<string, Row>

/** Selects a row, or no longer. */
export function toggleRow<Row>(
  selection: Selection<Row>,
  rows: TableRows<Row>,
  index: number,
): Selection<Row> {
  const row = rows.rowAt(index)
  if (row === undefined) return selection
  const next = new Map(selection)
  if (!next.delete(rows.keyOf(row))) next.set(rows.keyOf(row), row)
  return next
}

/** Selects what is loaded between two places, both included. */
export function selectRange<Row>(
  selection: Selection<Row>,
  rows: TableRows<Row>,
  between: readonly [number, number],
): Selection<Row> {
  const [from, to] = [Math.min(...between), Math.max(...between)]
  const next = new Map(selection)
  for (const [index, row] of rows.loaded()) {
    if (index >= from && index <= to) next.set(rows.keyOf(row), row)
  }
  return next
}

/** How much of what is loaded is selected. */
export function describeSelection<Row>(
  selection: Selection<Row>,
  rows: TableRows<Row>,
): 'none' | 'some' | 'all' {
  if (selection.size === 0) return 'none'
  let loaded = 0
  for (const [, row] of rows.loaded()) {
    if (!selection.has(rows.keyOf(row))) return 'some'
    loaded += 1
  }
  return loaded > 0 ? 'all' : 'some'
}
