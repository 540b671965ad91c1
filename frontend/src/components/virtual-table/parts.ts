/**
 * A table's own elements cannot stand where they are put: what its parts are is said by their roles. The grid has the
 * focus for all of its rows.
 */
export const as = {
  grid: { role: 'grid', tabIndex: 0 },
  rows: { role: 'rowgroup' },
  row: { role: 'row' },
  head: { role: 'columnheader' },
  cell: { role: 'gridcell' },
} as const
