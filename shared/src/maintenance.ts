import * as z from 'zod'
import { LineText } from './text.ts'

/** Closes an instance for new deployments; what is there stays, and can be changed. */
export const MaintenanceInput = z.strictObject({
  reason: LineText.min(1).max(500),
  until: z.iso.datetime({ offset: true }),
})
export type MaintenanceInput = z.infer<typeof MaintenanceInput>

export const Maintenance = MaintenanceInput.extend({
  by: z.string(),
  since: z.iso.datetime(),
})
export type Maintenance = z.infer<typeof Maintenance>
