import { useLayoutEffect, useState, type RefObject } from 'react'

/** How wide the rows are, and how far below the page's top they begin. */
export interface TablePlace {
  width: number
  top: number
}

/**
 * Measured before the first paint and whenever something above or around the rows changes its size. Null until then: rows
 * that were drawn for a guess would be drawn twice.
 */
export function useTablePlace(rows: RefObject<HTMLElement | null>): TablePlace | null {
  const [place, setPlace] = useState<TablePlace | null>(null)
  useLayoutEffect(() => {
    const element = rows.current
    if (!element) return
    const measure = () => {
      const box = element.getBoundingClientRect()
      const next = { width: box.width, top: Math.round(box.top + window.scrollY) }
      setPlace((last) => (last?.width === next.width && last.top === next.top ? last : next))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    // What is above the rows moves them without resizing them.
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [rows])
  return place
}
