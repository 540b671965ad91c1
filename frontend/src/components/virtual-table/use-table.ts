import { useMediaQuery } from '@mantine/hooks'
import { useCallback, useEffect, useMemo, useRef, useState, type RefObject } from 'react'
import { useStored } from '../use-stored.ts'
import { fitColumns, readColumnChoice, type Column, type ColumnChoice } from './column.ts'
import { useCursor, type TableCursor } from './use-cursor.ts'
import { useSelection, type TableSelection } from './use-selection.ts'
import { useTablePlace } from './use-table-place.ts'
import { useWindowRows, type WindowRows } from './use-window-rows.ts'
import type { VirtualTableProps } from './table-props.ts'

/** What a table knows of itself. */
export interface Table<Row> {
  grid: RefObject<HTMLDivElement | null>
  body: RefObject<HTMLDivElement | null>
  /** Whether rows are two lines, for want of room. */
  hasLines: boolean
  choice: ColumnChoice
  choose: (choice: ColumnChoice) => void
  /** The columns that are shown. */
  shown: readonly Column<Row>[]
  cursor: TableCursor
  atCursor: Row | undefined
  selection: TableSelection<Row>
  view: WindowRows
  /** Null where there is no room beside the table. */
  preview: { isOpen: boolean; onToggle: () => void } | null
}

/** Below this there is no room for columns. */
const columnsFrom = 560
const checkWidth = 36

export function useTable<Row>(props: VirtualTableProps<Row>): Table<Row> {
  const { columns, filter, id, onShown, rows } = props
  const grid = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLDivElement>(null)
  const place = useTablePlace(body)
  const width = place?.width ?? window.innerWidth
  const hasLines = width < columnsFrom
  const [choice, choose] = useStored(`hub-columns-${id}`, readColumnChoice)
  const shown = useMemo(
    () => fitColumns(columns, choice, width - checkWidth),
    [columns, choice, width],
  )
  const cursor = useCursor(rows)
  const selection = useSelection(rows)
  const keyAt = useCallback(
    (index: number) => {
      const row = rows.rowAt(index)
      return row === undefined ? String(index) : rows.keyOf(row)
    },
    [rows],
  )
  const view = useWindowRows({
    total: rows.total,
    top: place?.top ?? null,
    hasLines,
    kept: cursor.index,
    keyAt,
    onShown,
  })
  const hasRoom = useMediaQuery('(min-width: 62em)', undefined, { getInitialValueInEffect: false })
  const [isOpen, setOpen] = useState(false)
  const onToggle = () => {
    if (!isOpen && cursor.index === null) cursor.moveTo(view.firstSeen())
    setOpen(!isOpen)
  }
  const before = useRef(filter)
  useEffect(() => {
    if (before.current === filter) return
    before.current = filter
    cursor.moveTo(null)
    selection.clear()
    view.scrollToTop()
  })
  return {
    grid,
    body,
    hasLines,
    choice,
    choose,
    shown,
    cursor,
    atCursor: cursor.index === null ? undefined : rows.rowAt(cursor.index),
    selection,
    view,
    preview: hasRoom ? { isOpen, onToggle } : null,
  }
}
