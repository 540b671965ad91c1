/** A table's own elements cannot stand where they are put: what its parts are is said by their roles. */
export const as = {
  rows: { role: 'rowgroup' },
  row: { role: 'row' },
  head: { role: 'columnheader' },
  cell: { role: 'gridcell' },
} as const
