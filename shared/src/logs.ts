import * as z from 'zod'
import { IdText } from './text.ts'

const Flag = z
  .enum(['true', 'false'], 'must be true or false')
  .transform((text) => text === 'true')
  .optional()

/** Of all pods, or of one; of each the first container where none is named. `since` is in seconds. */
export const LogsQuery = z.strictObject({
  pod: IdText.min(1).max(253).optional(),
  container: IdText.min(1).max(63).optional(),
  previous: Flag,
  since: z.coerce.number().int().min(1).max(604_800).optional(),
  tail: z.coerce.number().int().min(0).max(10_000).optional(),
  timestamps: Flag,
  follow: Flag,
})
export type LogsQuery = z.infer<typeof LogsQuery>

/**
 * What a log's stream sends: the event's name is `type`, its data the JSON of the rest. `dropped` says what was left out
 * because more came than is passed on, `end` why nothing comes any more.
 */
export const LogEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('lines'),
    pod: z.string(),
    container: z.string().nullable(),
    lines: z.array(z.object({ at: z.string().nullable(), text: z.string() })),
  }),
  z.object({
    type: z.literal('pod'),
    pod: z.string(),
    state: z.enum(['open', 'waiting', 'restarting', 'retrying', 'ended']),
    reason: z.string().nullable(),
  }),
  z.object({ type: z.literal('dropped'), pod: z.string(), lines: z.int(), bytes: z.int() }),
  z.object({ type: z.literal('end'), reason: z.string() }),
])
export type LogEvent = z.infer<typeof LogEvent>
