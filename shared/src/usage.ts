import * as z from 'zod'
import { usageKeys } from './sets.ts'

export const UsageKey = z.enum(usageKeys)
export type UsageKey = z.infer<typeof UsageKey>

export const UsageEvery = z.enum(['hour', 'day'])
export type UsageEvery = z.infer<typeof UsageEvery>

const Moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: 'must be a time such as 2030-01-31T10:00:00Z, or a day such as 2030-01-31',
})

export const UsageQuery = z.strictObject({
  /** One's own; everybody's for administrators. */
  who: z.enum(['me', 'all']).default('me'),
  by: UsageKey.default('model'),
  /** Left out for the seven days before `to`; at most 400 days before it. */
  from: Moment.optional(),
  /** Left out for now. */
  to: Moment.optional(),
  /** Left out for hours of up to two days, else for days; hours are of a week at most. */
  every: UsageEvery.optional(),
  format: z.enum(['json', 'csv']).default('json'),
})
export type UsageQuery = z.infer<typeof UsageQuery>

/** Sums. `firstByteMs` is the mean of streams, null where there were none. */
export const UsageSums = z.object({
  requests: z.int(),
  errors: z.int(),
  promptTokens: z.int(),
  completionTokens: z.int(),
  firstByteMs: z.number().nullable(),
  gpuHours: z.number(),
})
export type UsageSums = z.infer<typeof UsageSums>

/** `label` is what it is called now; `key` is empty for what has none. The series have a number for each of `at`. */
export const UsageItem = UsageSums.extend({
  key: z.string(),
  label: z.string(),
  series: z.object({
    requests: z.array(z.int()),
    tokens: z.array(z.int()),
    gpuHours: z.array(z.number()),
  }),
})
export type UsageItem = z.infer<typeof UsageItem>

/** Who used how much, those with most requests first; `more` says how many are left out of `items`, not of `total`. */
export const Usage = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  every: UsageEvery,
  by: UsageKey,
  /** When each hour or day begins. */
  at: z.array(z.iso.datetime()),
  total: UsageSums,
  items: z.array(UsageItem),
  more: z.int(),
})
export type Usage = z.infer<typeof Usage>
