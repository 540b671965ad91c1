import { countOf } from './count.ts'

const units = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
  { unit: 'second', seconds: 1 },
] as const

const monthDays = 30

/** "5 minutes ago"; a date once that says more than a count of days. */
export function formatRelative(date: Date, now: number): string {
  // Clocks differ by a little: what seems to lie ahead has just happened.
  const seconds = Math.max(0, Math.round((now - date.getTime()) / 1000))
  if (seconds < 5) return 'just now'
  if (seconds > monthDays * 86_400) return `on ${writeDay(date)}`
  const step = units.find((candidate) => seconds >= candidate.seconds) ?? units[3]
  return `${countOf(Math.floor(seconds / step.seconds), step.unit)} ago`
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** "5 Nov 2025". A list has many: to load a locale for them takes longer than to draw it. */
function writeDay(date: Date): string {
  return `${date.getDate()} ${months[date.getMonth()]} ${date.getFullYear()}`
}

/** The full date in the reader's own locale. */
export function formatDate(date: Date): string {
  return date.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' })
}

/** How long from now, as "in 12 days"; "ended" once it is over. */
export function describeEnd(at: string, now: number): string {
  const seconds = Math.round((Date.parse(at) - now) / 1000)
  if (seconds <= 0) return 'ended'
  if (seconds < 3_600) return `in ${countOf(Math.ceil(seconds / 60), 'minute')}`
  if (seconds < 2 * 86_400) return `in ${countOf(Math.round(seconds / 3_600), 'hour')}`
  return `in ${countOf(Math.round(seconds / 86_400), 'day')}`
}

const lengths = [
  { unit: 'week', minutes: 7 * 24 * 60 },
  { unit: 'day', minutes: 24 * 60 },
  { unit: 'hour', minutes: 60 },
  { unit: 'minute', minutes: 1 },
] as const

/** "8 hours", "1 day": in the largest unit that leaves no rest, up to two weeks. */
export function describeMinutes(minutes: number): string {
  const { unit, minutes: each } = lengths.find(
    (length) =>
      minutes % length.minutes === 0 &&
      minutes >= length.minutes &&
      (length.unit !== 'week' || minutes <= 2 * length.minutes),
  )!
  return countOf(minutes / each, unit)
}
