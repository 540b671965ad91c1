import { useSyncExternalStore } from 'react'

export type Density = 'comfortable' | 'compact'

const key = 'hub-density'
const listeners = new Set<() => void>()

/** How high rows are, 40 px or 32 px; public/color-scheme.js reads the same key before the first paint. */
export function useDensity(): readonly [Density, (density: Density) => void] {
  const density = useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, readDensity)
  return [density, setDensity]
}

function readDensity(): Density {
  return document.documentElement.dataset['density'] === 'compact' ? 'compact' : 'comfortable'
}

function setDensity(density: Density): void {
  document.documentElement.dataset['density'] = density
  try {
    localStorage.setItem(key, density)
  } catch {
    // Without storage it holds for this page.
  }
  for (const listener of listeners) listener()
}
