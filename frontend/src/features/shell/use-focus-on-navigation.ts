import { useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, type RefObject } from 'react'

/** Moves the focus to the content when another page opens, as a browser does; a change of filters is none. */
export function useFocusOnNavigation(content: RefObject<HTMLElement | null>): void {
  const pathname = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const last = useRef(pathname)
  useEffect(() => {
    if (last.current !== undefined && last.current !== pathname) {
      content.current?.focus({ preventScroll: true })
    }
    last.current = pathname
  }, [content, pathname])
}
