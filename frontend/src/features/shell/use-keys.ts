import { useNavigate } from '@tanstack/react-router'
import { useEffect, useEffectEvent } from 'react'
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
  const show = useEffectEvent(onShow)
  const findPlace = useEffectEvent((key: string) => places.find((each) => each.key === key))
  const goTo = useEffectEvent(({ to }: PlaceLink) => void navigate({ to, search: {} }))
  // Once for all renders: one of them may come between the two keys.
  useEffect(() => {
    let goAt = Number.NEGATIVE_INFINITY
    let giveUpSearch = () => {}
    const onKeyDown = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        return show('palette')
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const { key } = event
      const place = event.timeStamp - goAt < sequenceMs ? findPlace(key) : undefined
      goAt = key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY
      if (place || key === '/') giveUpSearch()
      if (place) goTo(place)
      else if (key === '?') show('keys')
      else if (key === '/') {
        const { giveUp, isThere } = focusSearch()
        giveUpSearch = giveUp
        if (!isThere) return
      } else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return (
    target.isContentEditable || target.closest('input, textarea, select, [role="dialog"]') !== null
  )
}
