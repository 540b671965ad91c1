import * as z from 'zod'

/** What each read of a batch would have been answered alone, in the order in which they were named. */
export const BatchAnswer = z.object({
  answers: z.array(
    z.object({
      status: z.int(),
      /** What it reads; where the status is no success, a problem. */
      body: z.unknown(),
    }),
  ),
})
export type BatchAnswer = z.infer<typeof BatchAnswer>
