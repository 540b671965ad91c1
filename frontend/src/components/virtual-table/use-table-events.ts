import {
  useLayoutEffect,
  useRef,
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
} from 'react'
import { moveCursor } from './move-cursor.ts'
import type { TableRows } from './paged-rows.ts'
import type { Table } from './use-table.ts'

export interface TableEventsOptions<Row> {
  rows: TableRows<Row>
  table: Table<Row>
  onOpen: (row: Row) => void
}

/** What keys and presses do in a table, and its focus, which stays with it when the row that had it goes. */
export function useTableEvents<Row>({ rows, table, onOpen }: TableEventsOptions<Row>) {
  const { cursor, grid, preview, selection, view } = table
  const hasFocus = useRef(false)
  useLayoutEffect(() => {
    // A browser says nothing of a focus that went with its element.
    if (!hasFocus.current || document.activeElement !== document.body) return
    grid.current?.focus({ preventScroll: true })
  })

  const act = (key: string, isRange: boolean): boolean => {
    const { index } = cursor
    const to = moveCursor(key, {
      index,
      total: rows.total,
      seen: view.seen(),
      first: view.firstSeen(),
    })
    if (to !== null) {
      cursor.moveTo(to)
      view.scrollTo(to)
      return true
    }
    if (key === 'Escape' && preview?.isOpen) preview.onToggle()
    else if (key === 'p' && preview) preview.onToggle()
    else if (index === null) return false
    else if (key === ' ') selection.toggle(index, isRange)
    else if (key === 'Enter') {
      const row = rows.rowAt(index)
      if (row !== undefined) onOpen(row)
    } else return false
    return true
  }

  const press = (event: MouseEvent) => {
    const target = event.target as Element
    const at = target.closest<HTMLElement>('[data-index]')?.dataset['index']
    if (at === undefined) return
    const index = Number(at)
    if (target.closest('input')) return selection.toggle(index, event.shiftKey)
    const row = rows.rowAt(index)
    if (target.closest('a, label') || row === undefined) return
    if (!preview) return onOpen(row)
    cursor.moveTo(index)
    if (!preview.isOpen) preview.onToggle()
    grid.current?.focus({ preventScroll: true })
  }

  return {
    onClick: press,
    onFocus: () => {
      hasFocus.current = true
    },
    onBlur: (event: FocusEvent) => {
      if (!event.currentTarget.contains(event.relatedTarget)) hasFocus.current = false
    },
    onKeyDown: (event: KeyboardEvent) => {
      const { ctrlKey, metaKey, altKey, key, shiftKey, target } = event
      // What is in the heads has its own keys, and so has what a row contains.
      const isOwn = target === grid.current || (target as Element).closest('[data-index]') !== null
      const isPressed = (target as Element).closest('a') !== null && key === 'Enter'
      if (ctrlKey || metaKey || altKey || !isOwn || isPressed) return
      if (act(key, shiftKey)) event.preventDefault()
    },
  }
}
