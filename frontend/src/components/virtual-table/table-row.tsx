import { memo, type ReactNode } from 'react'
import type { Column } from './column.ts'
import { as } from './parts.ts'
import classes from './virtual-table.module.css'

export interface TableRowProps<Row> {
  id: string
  index: number
  /** How far below the first row it begins. */
  top: number
  /** Null where it is as high as its lines: then it is measured. */
  height: number | null
  measure: (row: HTMLElement | null) => void
  /** Undefined while it is not loaded. */
  row: Row | undefined
  /** What the row is called: "Select llama". */
  nameOf: (row: Row) => string
  columns: readonly Column<Row>[]
  /** Instead of columns, two lines. */
  renderLines: ((row: Row) => ReactNode) | null
  isSelected: boolean
  isCursor: boolean
}

function Row<Row>(props: TableRowProps<Row>) {
  const { id, index, top, height, measure, row, nameOf, columns } = props
  const { renderLines, isSelected, isCursor } = props
  return (
    <div
      {...as.row}
      ref={height === null ? measure : null}
      id={id}
      className={classes.row}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-index={index}
      data-cursor={isCursor || undefined}
      data-lines={renderLines !== null || undefined}
      style={{ height: height ?? undefined, transform: `translateY(${top}px)` }}
    >
      <div {...as.cell} className={classes.check}>
        {row !== undefined && (
          <label className={classes.box}>
            {/* The rows hear of it, with the keys that were held. */}
            <input
              type="checkbox"
              tabIndex={-1}
              readOnly
              checked={isSelected}
              aria-label={`Select ${nameOf(row)}`}
            />
          </label>
        )}
      </div>
      {renderLines ? (
        <div {...as.cell} className={classes.lines}>
          {row === undefined ? <Unloaded /> : renderLines(row)}
        </div>
      ) : (
        columns.map((column) => (
          <div
            key={column.id}
            {...as.cell}
            className={classes.cell}
            data-number={column.isNumber || undefined}
          >
            {row === undefined ? <Unloaded /> : column.render(row)}
          </div>
        ))
      )}
    </div>
  )
}

function Unloaded() {
  return <span className={classes.unloaded} aria-hidden />
}

/** One row; it is drawn anew when it changes itself, whatever happens to others. `memo` forgets the type of a row. */
export const TableRow = memo(Row) as typeof Row
