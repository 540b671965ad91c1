import { describeMinutes } from '../../lib/time.ts'

const hour = 60
const day = 24 * hour

/** When a role may end: after so many minutes, at a time of its own, or never. */
export const endChoices: { value: string; label: string }[] = [
  ...[hour, 8 * hour, day, 7 * day, 30 * day, 90 * day].map((minutes) => ({
    value: String(minutes),
    label: `In ${describeMinutes(minutes)}`,
  })),
  { value: 'at', label: 'At a time of your choice' },
  { value: 'never', label: 'Never' },
]

export const endDefault = String(30 * day)

/** The end as the hub takes it; null where there is none, and what is wrong with a time of one's own. */
export function readEnd(
  choice: string,
  at: string,
  now: number,
): string | { problem: string } | null {
  if (choice === 'never') return null
  if (choice !== 'at') return new Date(now + Number(choice) * 60_000).toISOString()
  const time = Date.parse(at)
  if (Number.isNaN(time)) return { problem: 'Choose a day and a time.' }
  if (time <= now) return { problem: 'This time has already passed.' }
  return new Date(time).toISOString()
}
