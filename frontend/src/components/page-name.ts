import { useEffect, useSyncExternalStore } from 'react'

let current = ''
const listeners = new Set<() => void>()

/** Names the page that is open: in the browser's tab, and in the breadcrumb. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · KubeAIRunway Hub`
    setName(title)
    return () => setName('')
  }, [title])
}

/** The name of the page that is open; empty while it has none. */
export function usePageName(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}

function setName(name: string): void {
  current = name
  for (const listener of listeners) listener()
}
