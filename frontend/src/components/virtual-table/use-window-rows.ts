import { useWindowVirtualizer, type VirtualItem } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { useDensity } from '../use-density.ts'

export interface WindowRowsOptions {
  total: number
  /** How far below the page's top the rows begin; null, and there are none, until that is known. */
  top: number | null
  hasLines: boolean
  /** A row that is in the page wherever it is: what has the cursor. */
  kept: number | null
  /** What a row is known by, wherever it is. */
  keyAt: (index: number) => string
  onShown: (first: number, last: number) => void
}

export interface WindowRow {
  index: number
  /** How far below the first row it begins. */
  top: number
}

export interface WindowRows {
  /** How high each row is; null where each is as high as its lines. */
  rowHeight: number | null
  /** How high all rows are together. */
  height: number
  /** The rows to have in the page, in order. */
  shown: readonly WindowRow[]
  /** Learns how high a row is that has lines. */
  measure: (row: HTMLElement | null) => void
  /** How many rows are seen at once. */
  seen: () => number
  firstSeen: () => number
  scrollTo: (index: number) => void
  /** Back to the first row, where that is no longer seen. */
  scrollToTop: () => void
}

const heights = { comfortable: 40, compact: 32 }
/** Until it is known; most have two lines. */
const linesHeights = { comfortable: 60, compact: 52 }
/** The bar of the shell stays over the rows, and the heads of the columns below it. */
const barHeight = 48
const headHeight = 36

/** Which rows the window shows while it is scrolled. */
export function useWindowRows(options: WindowRowsOptions): WindowRows {
  const { total, top: known, hasLines, kept, keyAt, onShown } = options
  const top = known ?? 0
  const [density] = useDensity()
  const rowHeight = (hasLines ? linesHeights : heights)[density]
  const covered = barHeight + headHeight
  // Nothing here is memoized by a compiler.
  // oxlint-disable-next-line react/incompatible-library
  const virtualizer = useWindowVirtualizer({
    count: known === null ? 0 : total,
    estimateSize: () => rowHeight,
    // Rows of one height need not be told apart.
    ...(hasLines && { getItemKey: keyAt }),
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
  const placeOf = ({ index, start }: VirtualItem) => ({ index, top: start - top })
  const items = virtualizer.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = items.at(-1)?.index ?? 0
  const cursor = kept === null ? undefined : virtualizer.measurementsCache[kept]
  useEffect(() => onShown(first, last), [onShown, first, last])
  return {
    rowHeight: hasLines ? null : rowHeight,
    height: known === null ? total * rowHeight : virtualizer.getTotalSize(),
    shown: withKept(items, cursor).map(placeOf),
    measure: virtualizer.measureElement,
    seen: () => Math.max(1, Math.floor((window.innerHeight - covered) / rowHeight) - 1),
    firstSeen: () => {
      const from = window.scrollY + covered
      const row = virtualizer.getVirtualItemForOffset(from)
      return row === undefined ? 0 : row.start < from ? row.index + 1 : row.index
    },
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
    scrollToTop: () => {
      if (window.scrollY > top - covered) window.scrollTo({ top: Math.max(0, top - covered) })
    },
  }
}

function withKept(items: VirtualItem[], kept: VirtualItem | undefined): VirtualItem[] {
  if (kept === undefined || items.some(({ index }) => index === kept.index)) return items
  return kept.index < (items[0]?.index ?? 0) ? [kept, ...items] : [...items, kept]
}
