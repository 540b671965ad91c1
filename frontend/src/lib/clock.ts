/** By how much the hub's clock is ahead of this machine's. */
let aheadMs = 0
const listeners = new Set<() => void>()

/** HTTP tells the time to the second, and an answer is on its way for some: what is less is no difference. */
const toleratedMs = 60_000

/** What an answer says of the hub's clock (RFC 9110 §6.6.1). Whose machine is hours off reads, and gives, the right times. */
export function noteTime(headers: Headers): void {
  const difference = Date.parse(headers.get('date') ?? '') - Date.now()
  if (Number.isNaN(difference)) return
  const before = aheadMs
  aheadMs = Math.abs(difference) < toleratedMs ? 0 : difference
  if (Math.abs(aheadMs - before) < toleratedMs) return
  for (const listener of listeners) listener()
}

/** The time by the hub's clock, in milliseconds. */
export function readClock(): number {
  return Date.now() + aheadMs
}

/** Calls back when this machine's clock turns out to be another one than was thought. Returns the way to stop. */
export function onClockSet(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
