import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import type { Column, TableSort } from './column.ts'
import { as } from './parts.ts'
import { PlainButton } from '../plain-button.tsx'
import classes from './virtual-table.module.css'

export interface TableHeadProps<Row> {
  columns: readonly Column<Row>[]
  /** Where rows have two lines there are no heads to see. */
  hasLines: boolean
  sort: TableSort
  onSort: (sort: TableSort) => void
  selected: 'none' | 'some' | 'all'
  onSelectAll: () => void
}

export function TableHead<Row>(props: TableHeadProps<Row>) {
  const { columns, hasLines, selected, onSelectAll, ...sorting } = props
  return (
    <div {...as.row} className={classes.head} aria-rowindex={1} data-lines={hasLines || undefined}>
      <div {...as.head} className={classes.check}>
        <label className={classes.box}>
          <input
            type="checkbox"
            aria-label="Select all loaded rows"
            checked={selected === 'all'}
            ref={(box) => {
              if (box) box.indeterminate = selected === 'some'
            }}
            onChange={onSelectAll}
          />
        </label>
      </div>
      {hasLines ? (
        <div {...as.head} className={classes.lines}>
          Select all loaded rows
        </div>
      ) : (
        columns.map((column) => <Head key={column.id} column={column} {...sorting} />)
      )}
    </div>
  )
}

function Head<Row>({
  column,
  sort,
  onSort,
}: { column: Column<Row> } & Pick<TableHeadProps<Row>, 'sort' | 'onSort'>) {
  const { label, isNumber = false, isDescendingFirst = false, sort: field } = column
  const isActive = field !== undefined && field === sort.field
  const Arrow = sort.descending ? IconArrowDown : IconArrowUp
  return (
    <div
      {...as.head}
      className={classes.cell}
      data-number={isNumber || undefined}
      {...(isActive && {
        'aria-sort': sort.descending ? ('descending' as const) : ('ascending' as const),
      })}
    >
      {field === undefined ? (
        label
      ) : (
        <PlainButton
          className={classes.sort}
          onClick={() =>
            onSort({ field, descending: isActive ? !sort.descending : isDescendingFirst })
          }
        >
          {label}
          <span className={classes.arrow} data-active={isActive} aria-hidden>
            <Arrow size={14} />
          </span>
        </PlainButton>
      )}
    </div>
  )
}
