import * as z from 'zod'
import { InstanceId, NamespaceName } from './names.ts'

export const InstanceState = z.enum([
  'connecting',
  'ready',
  'degraded',
  'unreachable',
  'unauthorized',
  'no-crd',
  'no-credential',
])
export type InstanceState = z.infer<typeof InstanceState>

/** `reason` is a sentence for people; null when there is nothing to explain. */
export const InstanceStatus = z.object({
  state: InstanceState,
  reason: z.string().nullable(),
  since: z.iso.datetime(),
  lastSeenAt: z.iso.datetime().nullable(),
})
export type InstanceStatus = z.infer<typeof InstanceStatus>

/** A registered cluster. `deploymentCount` counts what the caller may see. */
export const Instance = z.object({
  id: InstanceId,
  status: InstanceStatus,
  kubernetesVersion: z.string().nullable(),
  apiGroup: z.string().nullable(),
  deploymentCount: z.int(),
  abilities: z.object({ deploy: z.boolean() }),
})
export type Instance = z.infer<typeof Instance>

export const InstanceList = z.object({ items: z.array(Instance) })
export type InstanceList = z.infer<typeof InstanceList>

export const Namespace = z.object({
  name: NamespaceName,
  abilities: z.object({ deploy: z.boolean() }),
})
export type Namespace = z.infer<typeof Namespace>

/** `complete` is false where the cluster does not let the hub list namespaces: others may exist. */
export const NamespaceList = z.object({ items: z.array(Namespace), complete: z.boolean() })
export type NamespaceList = z.infer<typeof NamespaceList>
