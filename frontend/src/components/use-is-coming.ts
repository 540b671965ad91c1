import { useEffect, useState } from 'react'

const patienceMs = 300

/**
 * Whether something is on its way and has not been for long. What is there by then is drawn once; whoever waits for longer
 * sees that something comes.
 */
export function useIsComing(isPending: boolean): boolean {
  const [isOver, setOver] = useState(false)
  if (!isOver && !isPending) setOver(true)
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), patienceMs)
    return () => clearTimeout(timer)
  }, [])
  return isPending && !isOver
}
