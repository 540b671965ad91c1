import * as z from 'zod'
import { LineText } from './text.ts'

/**
 * Kinds of Kubernetes, of what stands in namespaces, that can be read as they are. Never Secrets, nor what may hold some,
 * such as ConfigMaps.
 */
export const ReadableKind = z.enum([
  'Pod',
  'Event',
  'Deployment',
  'ReplicaSet',
  'Job',
  'PersistentVolumeClaim',
  'ResourceQuota',
])
export type ReadableKind = z.infer<typeof ReadableKind>

const Selector = LineText.min(1).max(500).optional()

export const ResourcesQuery = z.strictObject({
  labelSelector: Selector.describe('As kubectl takes it: app=llama.'),
  fieldSelector: Selector.describe('As kubectl takes it: status.phase=Pending.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(4_000).optional().describe('The `next` of the page before.'),
})
export type ResourcesQuery = z.infer<typeof ResourcesQuery>

/** An object as its cluster has it, without who manages which field. */
export const KubeResource = z.looseObject({})
export type KubeResource = z.infer<typeof KubeResource>

export const KubeResourceList = z.object({
  items: z.array(KubeResource),
  next: z.string().nullable(),
})
export type KubeResourceList = z.infer<typeof KubeResourceList>
