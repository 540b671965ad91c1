import { useRef, useState } from 'react'
import type { TableRows } from './paged-rows.ts'
import { describeSelection, selectRange, toggleRow, type Selection } from './selection.ts'

export interface TableSelection<Row> {
  selected: Selection<Row>
  extent: 'none' | 'some' | 'all'
  /** With `isRange` everything from the row before. */
  toggle: (index: number, isRange: boolean) => void
  /** All that are loaded; or none, where all of these are. */
  toggleAll: () => void
  clear: () => void
}

export function useSelection<Row>(rows: TableRows<Row>): TableSelection<Row> {
  const [selected, setSelected] = useState<Selection<Row>>(() => new Map())
  const anchor = useRef<number | null>(null)
  const extent = describeSelection(selected, rows)
  const clear = () => {
    anchor.current = null
    setSelected(new Map())
  }
  return {
    selected,
    extent,
    toggle: (index, isRange) => {
      const from = anchor.current
      anchor.current = index
      setSelected(
        isRange && from !== null
          ? selectRange(selected, rows, [from, index])
          : toggleRow(selected, rows, index),
      )
    },
    toggleAll: () =>
      extent === 'all' ? clear() : setSelected(selectRange(selected, rows, [0, rows.total])),
    clear,
  }
}
