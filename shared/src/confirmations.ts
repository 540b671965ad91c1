import * as z from 'zod'
import { AgentCall } from './audit.ts'

/**
 * What an agent, or whoever came with a token, wants to destroy where a person has to agree first. `input` is what more it
 * is done with. An approval is `used` once.
 */
export const Confirmation = z.object({
  id: z.string(),
  state: z.enum(['waiting', 'approved', 'refused', 'used']),
  action: z.enum(['deployment.delete', 'deployment.recreate']),
  target: z.object({
    instance: z.string(),
    namespace: z.string(),
    name: z.string(),
    uid: z.string(),
  }),
  input: z.unknown(),
  /** In whose name. */
  principal: z.string(),
  isOwn: z.boolean(),
  /** The agent, as far as it is known; null for a request by REST. */
  via: AgentCall.nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: z.string().nullable(),
})
export type Confirmation = z.infer<typeof Confirmation>

export const ConfirmationList = z.object({ items: z.array(Confirmation) })
export type ConfirmationList = z.infer<typeof ConfirmationList>
