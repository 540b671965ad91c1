import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { useDensity } from '../use-density.ts'

export interface WindowRowsOptions {
  total: number
  /** How far below the page's top the rows begin; null, and there are none, until that is known. */
  top: number | null
  hasLines: boolean
  /** A row that is in the page wherever it is: what has the cursor. */
  kept: number | null
  onShown: (first: number, last: number) => void
}

export interface WindowRows {
  rowHeight: number
  /** The rows to have in the page, in order. */
  indexes: readonly number[]
  /** How many rows are seen at once. */
  seen: () => number
  firstSeen: () => number
  scrollTo: (index: number) => void
  /** Back to the first row, where that is no longer seen. */
  scrollToTop: () => void
}

const heights = { comfortable: 40, compact: 32 }
const linesHeights = { comfortable: 60, compact: 52 }
/** The bar of the shell stays over the rows, and the heads of the columns below it. */
const barHeight = 48
const headHeight = 36

/** Which rows the window shows while it is scrolled. */
export function useWindowRows(options: WindowRowsOptions): WindowRows {
  const { total, top: known, hasLines, kept, onShown } = options
  const top = known ?? 0
  const [density] = useDensity()
  const rowHeight = (hasLines ? linesHeights : heights)[density]
  const covered = barHeight + headHeight
  // Nothing here is memoized by a compiler.
  // oxlint-disable-next-line react/incompatible-library
  const virtualizer = useWindowVirtualizer({
    count: known === null ? 0 : total,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollMargin: top,
    scrollPaddingStart: covered,
    scrollPaddingEnd: rowHeight,
    // Before the first measurement: the first paint has rows.
    initialRect: { width: window.innerWidth, height: window.innerHeight },
  })
  const measured = useRef(rowHeight)
  useEffect(() => {
    if (measured.current === rowHeight) return
    measured.current = rowHeight
    virtualizer.measure()
  }, [virtualizer, rowHeight])
  const indexes = virtualizer.getVirtualItems().map(({ index }) => index)
  const [first = 0] = indexes
  const last = indexes.at(-1) ?? 0
  useEffect(() => onShown(first, last), [onShown, first, last])
  return {
    rowHeight,
    indexes: withKept(indexes, kept, total),
    seen: () => Math.max(1, Math.floor((window.innerHeight - covered) / rowHeight) - 1),
    firstSeen: () => Math.max(0, Math.ceil((window.scrollY + covered - top) / rowHeight)),
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
    scrollToTop: () => {
      if (window.scrollY > top - covered) window.scrollTo({ top: Math.max(0, top - covered) })
    },
  }
}

function withKept(indexes: number[], kept: number | null, total: number): number[] {
  if (kept === null || kept >= total || indexes.includes(kept)) return indexes
  return kept < (indexes[0] ?? 0) ? [kept, ...indexes] : [...indexes, kept]
}
