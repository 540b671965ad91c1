import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { focusSearch } from './focus-search.ts'
import type { PlaceLink } from './places.ts'

/** How long the second key of two may take. */
const sequenceMs = 1_500

/**
 * `g` and a place's key lead there, `?` shows the keys, Ctrl K (⌘ K) the way to anywhere, and `/` goes to the list's
 * search. Single keys do nothing while somebody types.
 */
export function useKeys(
  places: readonly PlaceLink[],
  onShow: (what: 'keys' | 'palette') => void,
): void {
  const navigate = useNavigate()
  useEffect(() => {
    let goAt = 0
    let giveUpSearch = () => {}
    const onKeyDown = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        return onShow('palette')
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const { key } = event
      const place =
        event.timeStamp - goAt < sequenceMs ? places.find((each) => each.key === key) : undefined
      goAt = key === 'g' ? event.timeStamp : 0
      if (place || key === '/') giveUpSearch()
      if (place) void navigate({ to: place.to, search: {} })
      else if (key === '?') onShow('keys')
      else if (key === '/') {
        const { giveUp, isThere } = focusSearch()
        giveUpSearch = giveUp
        if (!isThere) return
      } else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKeyDown)
    // What is waited for goes on: another page makes this anew.
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [navigate, onShow, places])
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return (
    target.isContentEditable || target.closest('input, textarea, select, [role="dialog"]') !== null
  )
}
