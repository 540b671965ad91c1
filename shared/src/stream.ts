import * as z from 'zod'
import { Deployment } from './deployments.ts'
import { Instance } from './instances.ts'
import { InstanceId } from './names.ts'

/**
 * What `/api/stream` sends (server-sent events, WHATWG HTML §9.2): the event's name is `type`, its data the JSON of the rest.
 * `reset` means that the reader may have missed something and reads its lists again.
 */
export const StreamEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('deployment'),
    deployment: Deployment,
    /** Every list has it where it had it, and counts it as it did: none need be read again. */
    isInPlace: z.literal(true).optional(),
  }),
  z.object({
    type: z.literal('deployment-removed'),
    instance: InstanceId,
    namespace: z.string(),
    name: z.string(),
    uid: z.string(),
  }),
  z.object({ type: z.literal('instance'), instance: Instance }),
  z.object({ type: z.literal('instance-removed'), id: InstanceId }),
  /** These were heard of again, and are otherwise as they were. It has no id: nobody comes back for it. */
  z.object({
    type: z.literal('instances-seen'),
    instances: z.array(
      z.object({
        id: InstanceId,
        lastSeenAt: z.iso.datetime().nullable(),
        heardAt: z.iso.datetime().nullable(),
      }),
    ),
  }),
  /** A request of the reader's, or one that the reader may decide on, is another than it was. */
  z.object({ type: z.literal('access-requests') }),
  z.object({ type: z.literal('reset') }),
])
export type StreamEvent = z.infer<typeof StreamEvent>
