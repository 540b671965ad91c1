import { useLayoutEffect, useRef, useState, type RefObject } from 'react'

/** How wide an element is, from before the first paint on; 0 until it is known. */
export function useWidth<Measured extends HTMLElement>(): readonly [
  RefObject<Measured | null>,
  number,
] {
  const ref = useRef<Measured>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = ref.current
    if (!element) return
    const measure = () => setWidth(element.getBoundingClientRect().width)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, width]
}
