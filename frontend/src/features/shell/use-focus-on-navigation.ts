import { useRouter } from '@tanstack/react-router'
import { useEffect, type RefObject } from 'react'

/**
 * Moves the focus to the content when another page opens, as a browser does, but not from a field that got it meanwhile:
 * whoever typed ahead is there already. A change of filters is no other page.
 */
export function useFocusOnNavigation(content: RefObject<HTMLElement | null>): void {
  const router = useRouter()
  useEffect(() => {
    let before: Element | null = null
    const stops = [
      router.subscribe('onBeforeNavigate', () => {
        before = document.activeElement
      }),
      router.subscribe('onResolved', ({ fromLocation, pathChanged }) => {
        // Where a visit begins, nothing had the focus before.
        if (fromLocation === undefined || !pathChanged) return
        const field = content.current?.querySelector(':is(input, textarea, select):focus')
        if (field && field !== before) return
        content.current?.focus({ preventScroll: true })
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [content, router])
}
