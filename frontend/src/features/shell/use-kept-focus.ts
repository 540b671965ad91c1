import { useEffect, type RefObject } from 'react'

/** A dialog that closes gives the focus back within this time, where what opened it is still there. */
const waitMs = 50

/**
 * Where what had the focus goes away, a row that is done or a sheet of no button, the content has it: Tab goes on there. Where a
 * dialog goes with it, what had the focus before that is next.
 */
export function useKeptFocus(content: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    let last: HTMLElement | null = null
    /** The last one that was in no dialog. */
    let outside: HTMLElement | null = null
    let timer: ReturnType<typeof setTimeout> | undefined
    const observer = new MutationObserver(() => {
      if (last === null || last.isConnected) return
      const before = last === outside ? null : outside
      last = null
      observer.disconnect()
      timer = setTimeout(() => {
        for (const next of [before, content.current]) {
          if (document.activeElement === document.body) next?.focus({ preventScroll: true })
        }
      }, waitMs)
    })
    // While nothing has had the focus, nobody need be told of every element that comes.
    const onFocus = ({ target }: FocusEvent) => {
      last = target instanceof HTMLElement ? target : null
      if (last?.closest('[role="dialog"]') === null) outside = last
      observer.observe(document.body, { childList: true, subtree: true })
    }
    document.addEventListener('focusin', onFocus)
    return () => {
      clearTimeout(timer)
      observer.disconnect()
      document.removeEventListener('focusin', onFocus)
    }
  }, [content])
}
