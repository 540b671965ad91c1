import { useEffect } from 'react'

/** Where what had the focus went away with the page, what came in its place has it: Tab goes on from there. */
export function useFoundFocus(): void {
  useEffect(() => {
    if (document.activeElement === document.body) document.querySelector('main')?.focus()
  }, [])
}
