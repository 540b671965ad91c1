import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'

export interface TypedOptions<Value> {
  /** As the address has it. */
  value: Value
  onChange: (value: Value) => void
  /** How long after the last key the address follows. */
  delayMs: number
}

/** While somebody types, a field is ahead of the address, which follows; otherwise it shows what the address says. */
export function useTyped<Value>({ value, onChange, delayMs }: TypedOptions<Value>) {
  const [typed, setTyped] = useState<Value | null>(null)
  const follow = useDebouncedCallback(onChange, { delay: delayMs })
  return {
    shown: typed ?? value,
    /** Shows from now on what is typed, whatever the address comes to say. */
    hold: () => setTyped(value),
    /** `isComplete` says whether the address can have it already. */
    type: (next: Value, isComplete = true) => {
      setTyped(next)
      if (isComplete) follow(next)
    },
    leave: () => {
      follow.flush()
      setTyped(null)
    },
    replace: (next: Value) => {
      follow.cancel()
      setTyped(null)
      onChange(next)
    },
  }
}
