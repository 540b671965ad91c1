import * as z from 'zod'
import { AgentCall, AuditOutcome } from './audit.ts'
import { IdText } from './text.ts'

/** Somebody by name: a person, or a program. */
const Named = z.object({ principal: z.string(), displayName: z.string() })

/**
 * One change. `person` is who made it, null for the hub itself; `about` whose access it was about. `action` is spelled as
 * in the audit log. `target` is what was changed, where that is on an instance; without a name it is the instance itself.
 */
export const Activity = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  person: Named.nullable(),
  action: z.string(),
  target: z
    .object({
      instance: z.string(),
      namespace: z.string().nullable(),
      name: z.string().nullable(),
    })
    .nullable(),
  about: Named.nullable(),
  outcome: AuditOutcome.extract(['success', 'failure', 'unknown']),
})
export type Activity = z.infer<typeof Activity>

/** A page, newest first. It may be short, or empty, and still have a `next`: then much was looked at that is not for the caller. */
export const ActivityList = z.object({
  items: z.array(Activity),
  next: z.string().nullable(),
})
export type ActivityList = z.infer<typeof ActivityList>

export const ActivityQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: IdText.max(500).optional(),
})
export type ActivityQuery = z.infer<typeof ActivityQuery>

/** What an agent changed in the reader's own name, or was refused. */
export const OwnAgentCall = Activity.pick({
  id: true,
  at: true,
  action: true,
  target: true,
}).extend({
  outcome: AuditOutcome.exclude(['attempt']),
  reason: z.string().nullable(),
  via: AgentCall,
})
export type OwnAgentCall = z.infer<typeof OwnAgentCall>

/** A page, newest first. */
export const AgentCallPage = z.object({
  items: z.array(OwnAgentCall),
  next: z.string().nullable(),
})
export type AgentCallPage = z.infer<typeof AgentCallPage>
