import { useState } from 'react'
import type { TableRows } from './paged-rows.ts'

interface Cursor {
  index: number
  /** Null where the row was not loaded yet. */
  key: string | null
}

export interface TableCursor {
  /** Null while no row has the cursor. */
  index: number | null
  moveTo: (index: number | null) => void
}

/** The row that the keys act on. It stays on its row wherever that goes, and in its place where the row is no more. */
export function useCursor<Row>(rows: TableRows<Row>): TableCursor {
  const [cursor, setCursor] = useState<Cursor | null>(null)
  const keyAt = (index: number) => {
    const row = rows.rowAt(index)
    return row === undefined ? null : rows.keyOf(row)
  }
  const moveTo = (index: number | null) =>
    setCursor(index === null ? null : { index, key: keyAt(index) })
  if (cursor === null || rows.total === 0) return { index: null, moveTo }
  const inPlace = Math.min(cursor.index, rows.total - 1)
  const here = keyAt(inPlace)
  if (cursor.key === null || here === null || here === cursor.key) {
    // It is known by its row from when that is loaded.
    if (cursor.key === null && here !== null) setCursor({ index: inPlace, key: here })
    return { index: inPlace, moveTo }
  }
  const index = rows.indexOf(cursor.key) ?? inPlace
  setCursor({ index, key: keyAt(index) })
  return { index, moveTo }
}
