import type { UsageEvery, UsageQuery } from '@hub/shared'
import { AppError } from '#errors'

export type UsageRange = { from: Date; to: Date; every: UsageEvery; at: Date[] }

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const usualMs = 7 * dayMs
const daysMax = 400
const hoursMaxMs = 7 * dayMs + hourMs
const hoursUsualMs = 2 * dayMs + hourMs

/** Whole hours or days (in UTC) of what was asked for. Throws `invalid-request` for what is too long or ends before it begins. */
export function readRange(query: Pick<UsageQuery, 'from' | 'to' | 'every'>, now: Date): UsageRange {
  const to = query.to === undefined ? now : new Date(query.to)
  const asked = query.from === undefined ? new Date(to.getTime() - usualMs) : new Date(query.from)
  const lengthMs = to.getTime() - asked.getTime()
  if (lengthMs <= 0) throw invalid('?from', 'must be before to')
  if (lengthMs > (daysMax + 1) * dayMs) {
    throw invalid('?from', `must be at most ${daysMax} days before to: what is older is not kept`)
  }
  const every = query.every ?? (lengthMs <= hoursUsualMs ? 'hour' : 'day')
  if (every === 'hour' && lengthMs > hoursMaxMs) {
    throw invalid('?every', 'must be day for more than a week')
  }
  const stepMs = every === 'hour' ? hourMs : dayMs
  const first = Math.floor(asked.getTime() / stepMs) * stepMs
  const at: Date[] = []
  for (let time = first; time < to.getTime(); time += stepMs) at.push(new Date(time))
  return { from: new Date(first), to, every, at }
}

function invalid(pointer: string, detail: string): AppError {
  return new AppError('invalid-request', {
    detail: `The request is not valid. ${pointer}: ${detail}.`,
    errors: [{ pointer, detail }],
  })
}
