import { useEffect, useLayoutEffect, useRef } from 'react'

/** Still the end, a line or two above it. */
const nearPx = 80

/** Keeps the end of the page in sight while it grows, for whoever was looking at it; who scrolled up stays there. */
export function useFollowedEnd(of: readonly unknown[]): void {
  const isAtEnd = useRef(true)
  useEffect(() => {
    const look = () => {
      const { clientHeight, scrollHeight, scrollTop } = document.documentElement
      isAtEnd.current = scrollHeight - scrollTop - clientHeight < nearPx
    }
    look()
    globalThis.addEventListener('scroll', look, { passive: true })
    return () => globalThis.removeEventListener('scroll', look)
  }, [])
  useLayoutEffect(() => {
    const { documentElement } = document
    // A page that has just been opened begins at its top.
    if (of.length > 0 && isAtEnd.current) documentElement.scrollTop = documentElement.scrollHeight
  }, [of])
}
