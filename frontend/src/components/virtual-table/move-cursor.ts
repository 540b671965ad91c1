export interface CursorPlace {
  /** Null while no row has the cursor. */
  index: number | null
  total: number
  /** How many rows are seen at once. */
  seen: number
  /** The first row that is seen: where the cursor begins. */
  first: number
}

/** Where a key leads; null for a key that moves nothing. */
export function moveCursor(key: string, { index, total, seen, first }: CursorPlace): number | null {
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: seen,
    PageUp: -seen,
    Home: -total,
    End: total,
  }
  const step = steps[key]
  if (step === undefined || total === 0) return null
  const begins = index === null && (key === 'ArrowDown' || key === 'ArrowUp')
  const to = begins ? first : (index ?? first) + step
  return Math.min(total - 1, Math.max(0, to))
}
