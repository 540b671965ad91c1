import { useState } from 'react'

/**
 * What this browser keeps under a key. `read` makes sense of what is stored, by whatever version of the page; undefined
 * where nothing is.
 */
export function useStored<Value>(
  key: string,
  read: (stored: unknown) => Value,
): readonly [Value, (value: Value) => void] {
  const [value, setValue] = useState(() => read(load(key)))
  const keep = (next: Value) => {
    setValue(next)
    try {
      localStorage.setItem(key, JSON.stringify(next))
    } catch {
      // Without storage it holds for this page.
    }
  }
  return [value, keep]
}

function load(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}
