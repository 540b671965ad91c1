import * as z from 'zod'
import { Deployment } from './deployments.ts'
import { IdText, LineText } from './text.ts'

/** `q` is a part of its name. */
export const ServedModelsQuery = z.strictObject({
  q: LineText.max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: IdText.max(1_000).optional(),
})
export type ServedModelsQuery = z.infer<typeof ServedModelsQuery>

/** A model by one name that it is asked for by: the name that it is served under, or its own. */
export const ServedModel = z.object({
  id: z.string(),
  /** Some deployment of it answers. */
  isReady: z.boolean(),
  /** Those that the caller may use, the ones that answer first; no more than 20. */
  deployments: z.array(
    Deployment.pick({
      instance: true,
      namespace: true,
      name: true,
      state: true,
      sentence: true,
    }).extend({ isReady: z.boolean() }),
  ),
})
export type ServedModel = z.infer<typeof ServedModel>

export const ServedModelList = z.object({
  items: z.array(ServedModel),
  total: z.int(),
  next: z.string().nullable(),
})
export type ServedModelList = z.infer<typeof ServedModelList>
