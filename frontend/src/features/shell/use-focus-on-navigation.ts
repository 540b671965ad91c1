import { useRouter } from '@tanstack/react-router'
import { useEffect, type RefObject } from 'react'

/** Moves the focus to the content when another page opens, as a browser does; a change of filters is none. */
export function useFocusOnNavigation(content: RefObject<HTMLElement | null>): void {
  const router = useRouter()
  useEffect(
    () =>
      router.subscribe('onResolved', ({ fromLocation, pathChanged }) => {
        // Where a visit begins, nothing had the focus before.
        if (fromLocation !== undefined && pathChanged) {
          content.current?.focus({ preventScroll: true })
        }
      }),
    [content, router],
  )
}
