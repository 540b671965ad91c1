import type { CSSProperties } from 'react'
import { toTracks } from './column.ts'
import type { TableRows } from './paged-rows.ts'
import { TableHead } from './table-head.tsx'
import { TableRow } from './table-row.tsx'
import { useTableEvents } from './use-table-events.ts'
import type { Table } from './use-table.ts'
import type { WindowRow } from './use-window-rows.ts'
import type { VirtualTableProps } from './table-props.ts'
import { as } from './parts.ts'
import classes from './virtual-table.module.css'

export function TableGrid<Row>(props: VirtualTableProps<Row> & { table: Table<Row> }) {
  const { isWaiting, names, nameOf, onOpen, onSort, renderLines, rows, sort, table } = props
  const { body, cursor, grid, hasLines, selection, shown, view } = table
  const events = useTableEvents({ rows, table, onOpen })
  const idOf = (index: number) => `${props.id}-${index}`
  return (
    <div
      // Its rows cannot stand where a table's own elements would put them.
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
      role="grid"
      ref={grid}
      tabIndex={0}
      className={classes.grid}
      aria-label={names[1].replace(/^./, (letter) => letter.toUpperCase())}
      aria-rowcount={rows.total + 1}
      aria-multiselectable
      aria-busy={isWaiting}
      aria-activedescendant={cursor.index === null ? undefined : idOf(cursor.index)}
      data-waiting={isWaiting || undefined}
      style={{ '--columns': toTracks(shown) } as CSSProperties}
      {...events}
    >
      <TableHead
        columns={shown}
        hasLines={hasLines}
        sort={sort}
        onSort={onSort}
        selected={selection.extent}
        onSelectAll={selection.toggleAll}
      />
      <div ref={body} {...as.rows} className={classes.body} style={{ height: view.height }}>
        {listRows(view.shown, rows).map(({ index, key, row, top }) => (
          <TableRow
            key={key}
            id={idOf(index)}
            index={index}
            top={top}
            height={view.rowHeight}
            measure={view.measure}
            row={row}
            nameOf={nameOf}
            columns={shown}
            renderLines={hasLines ? renderLines : null}
            isSelected={row !== undefined && selection.selected.has(rows.keyOf(row))}
            isCursor={index === cursor.index}
          />
        ))}
      </div>
    </div>
  )
}

/** The rows with what React knows them by: a row that moves keeps its element, and one that is on two pages has two. */
function listRows<Row>(shown: readonly WindowRow[], rows: TableRows<Row>) {
  const keys = new Set<string>()
  return shown.map(({ index, top }) => {
    const row = rows.rowAt(index)
    const known = row === undefined ? null : rows.keyOf(row)
    const key = known === null || keys.has(known) ? String(index) : known
    keys.add(key)
    return { index, key, row, top }
  })
}
