import type { ReactNode } from 'react'
import { SideSheet } from '../side-sheet.tsx'
import { writeCount } from '../../lib/count.ts'
import { SelectionBar } from './selection-bar.tsx'
import { TableGrid } from './table-grid.tsx'
import type { VirtualTableProps } from './table-props.ts'
import { TableTools } from './table-tools.tsx'
import { useTable } from './use-table.ts'
import classes from './virtual-table.module.css'

/** A table of however many rows, of which those are in the page that are seen. */
export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const { columns, names, rows, sort, onSort } = props
  const table = useTable(props)
  const { atCursor, preview, selection } = table
  const count = selection.selected.size
  const counted = `${count} ${names[count === 1 ? 0 : 1]} selected`
  return (
    <div className={classes.layout}>
      <div className={classes.main}>
        <TableTools
          columns={columns}
          choice={table.choice}
          onChoose={table.choose}
          sort={table.hasLines ? sort : null}
          onSort={onSort}
          counted={`${writeCount(rows.total)} ${names[rows.total === 1 ? 0 : 1]}`}
          tools={props.tools}
          preview={preview}
        />
        <TableGrid {...props} table={table} />
        <output className={classes.hidden}>{count > 0 && counted}</output>
        {count > 0 && (
          <SelectionBar counted={counted} onClear={selection.clear}>
            {props.renderActions([...selection.selected.values()])}
          </SelectionBar>
        )}
      </div>
      {preview?.isOpen && (
        <Preview
          onClose={() => {
            preview.onToggle()
            table.grid.current?.focus({ preventScroll: true })
          }}
          {...(atCursor === undefined ? nothingToPreview : props.renderPreview(atCursor))}
        />
      )}
    </div>
  )
}

const nothingToPreview = {
  title: 'Preview',
  content: 'Choose a row to see more of it here.',
  actions: null,
}

function Preview({
  content,
  ...sheet
}: {
  title: string
  content: ReactNode
  actions: ReactNode
  onClose: () => void
}) {
  return <SideSheet {...sheet}>{content}</SideSheet>
}
