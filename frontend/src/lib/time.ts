const units = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
  { unit: 'second', seconds: 1 },
] as const

const monthDays = 30

/** "5 minutes ago" in the language of the page; a date once that says more than a count of days. */
export function formatRelative(date: Date, now: number): string {
  // Clocks differ by a little: what seems to lie ahead has just happened.
  const seconds = Math.max(0, Math.round((now - date.getTime()) / 1000))
  if (seconds < 5) return 'just now'
  if (seconds > monthDays * 86_400)
    return `on ${date.toLocaleDateString(undefined, { dateStyle: 'medium' })}`
  const step = units.find((candidate) => seconds >= candidate.seconds) ?? units[3]
  return new Intl.RelativeTimeFormat('en', { numeric: 'always' }).format(
    -Math.floor(seconds / step.seconds),
    step.unit,
  )
}

/** The full date in the reader's own locale. */
export function formatDate(date: Date): string {
  return date.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' })
}
