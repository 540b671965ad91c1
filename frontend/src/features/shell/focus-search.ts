/** How long a list that is on its way may take to bring its search. */
const waitMs = 3_000

/**
 * Gives the focus to the list's search; where the page has none yet, once it is there, for whoever types ahead. Returns
 * whether it was there, and the way to give up.
 */
export function focusSearch(): { isThere: boolean; giveUp: () => void } {
  const focus = () => {
    const search = document.querySelector<HTMLInputElement>('main input[type="search"]')
    search?.focus()
    return search !== null
  }
  if (focus()) return { isThere: true, giveUp: () => {} }
  const observer = new MutationObserver(() => {
    if (focus()) giveUp()
  })
  const timer = setTimeout(() => giveUp(), waitMs)
  const giveUp = () => {
    clearTimeout(timer)
    observer.disconnect()
  }
  observer.observe(document.body, { childList: true, subtree: true })
  return { isThere: false, giveUp }
}
