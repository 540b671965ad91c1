import * as z from 'zod'
import { InstanceId, NamespaceName } from './names.ts'
import { Maintenance } from './maintenance.ts'

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

/** How the hub acts on an instance: as its credential, as the person, with the person's own token, or with one got for it. */
export const AccessMode = z.enum(['service', 'impersonate', 'passthrough', 'exchange'])
export type AccessMode = z.infer<typeof AccessMode>

/** Who decides what people may do on an instance: the hub and the cluster, or for who has a token there the cluster alone. */
export const RightsFrom = z.enum(['both', 'cluster'])
export type RightsFrom = z.infer<typeof RightsFrom>

/**
 * What nodes offer under one resource name. `allocatable` is what is in use or free for deployments: `requested` is what
 * pods hold (on cordoned nodes and tainted ones too; more than there is where a node is overcommitted), `free` what a
 * deployment can get, `largestFreeBlock` the most of it on one node. `reserved` is left to others by taints that a
 * deployment does not tolerate, `unavailable` broken, or on nodes that are cordoned or not ready. The three that may be
 * null are so where the credential may not list pods, or the ResourceClaims of devices that ResourceSlices offer.
 */
export const ResourcePool = z.object({
  resource: z.string(),
  nodes: z.int(),
  allocatable: z.int(),
  reserved: z.int(),
  unavailable: z.int(),
  requested: z.int().nullable(),
  free: z.int().nullable(),
  largestFreeBlock: z.int().nullable(),
})
export type ResourcePool = z.infer<typeof ResourcePool>

/**
 * The accelerators of one product on an instance. Counts are devices (or MIG slices, or time-sliced shares: `resource`
 * says which). `isClaimed`: they come by ResourceClaims, which a deployment does not make, and `resource` is the driver.
 */
export const GpuPool = ResourcePool.extend({
  product: z.string(),
  isClaimed: z.boolean(),
  memoryMiB: z.int().nullable(),
})
export type GpuPool = z.infer<typeof GpuPool>

/**
 * `resources` are further resources that nodes offer by name. `reason` says why something is unknown, or may be old; null
 * when everything is known and up to date.
 */
export const Capacity = z.object({
  nodes: z.object({ total: z.int(), ready: z.int(), cordoned: z.int() }).nullable(),
  gpus: z.array(GpuPool).nullable(),
  resources: z.array(ResourcePool).nullable(),
  reason: z.string().nullable(),
})
export type Capacity = z.infer<typeof Capacity>

/** The same by itself, with how old it may be. */
export const CapacityNow = Capacity.extend({
  asOf: z.iso.datetime().nullable(),
  instanceStatus: InstanceStatus.pick({ state: true, reason: true }),
})
export type CapacityNow = z.infer<typeof CapacityNow>

/** An inference provider of the cluster (InferenceProviderConfig). `isStale`: no heartbeat for three minutes. */
export const Runtime = z.object({
  name: z.string(),
  displayName: z.string(),
  isReady: z.boolean(),
  version: z.string().nullable(),
  lastHeartbeatAt: z.string().nullable(),
  isStale: z.boolean(),
  engines: z.array(z.string()),
})
export type Runtime = z.infer<typeof Runtime>

/**
 * When the cluster last told what there is, of the kind of thing of which it has told nothing for longest: what is shown is
 * as of then or later. A cluster that is well tells every two minutes at least. Null before it did.
 */
const HeardAt = z.iso.datetime().nullable()

/** The health of an instance, without what is deployed on it. */
export const InstanceHealth = z.object({
  instance: InstanceId,
  status: InstanceStatus,
  heardAt: HeardAt,
  kubernetesVersion: z.string().nullable(),
  apiGroup: z.string().nullable(),
  runtimes: z.array(Runtime).nullable(),
  warnings: z.array(z.string()),
})
export type InstanceHealth = z.infer<typeof InstanceHealth>

/**
 * A registered cluster. `deploymentCount` counts what the caller may see; `runtimes` is null where they may not be read.
 * Where it is not `isCurrent`, its deployments are shown as they were last known.
 */
export const Instance = z.object({
  id: InstanceId,
  status: InstanceStatus,
  heardAt: HeardAt,
  isCurrent: z.boolean(),
  accessMode: AccessMode,
  rights: RightsFrom,
  kubernetesVersion: z.string().nullable(),
  apiGroup: z.string().nullable(),
  deploymentCount: z.int(),
  capacity: Capacity,
  runtimes: z.array(Runtime).nullable(),
  /** Why nothing new can be deployed there, and until when; null where it can. */
  maintenance: Maintenance.nullable(),
  /** Sentences about the credential; empty for everybody but administrators. */
  warnings: z.array(z.string()),
  abilities: z.object({ deploy: z.boolean(), manage: z.boolean() }),
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

/** One permission the hub's credential needs on the cluster, in Kubernetes' words. */
export const ClusterPermission = z.object({
  verb: z.string(),
  group: z.string(),
  resource: z.string(),
  subresource: z.string().nullable(),
  namespace: z.string().nullable(),
  /** Of one object alone. */
  name: z.string().optional(),
})
export type ClusterPermission = z.infer<typeof ClusterPermission>

/**
 * What the credential may do there, feature by feature, as the cluster's own SelfSubjectAccessReview says; `manifest` is
 * the YAML with least rights that grants all of it.
 */
export const Preflight = z.object({
  features: z.array(
    z.object({
      name: z.string(),
      purpose: z.string(),
      required: z.boolean(),
      missing: z.array(ClusterPermission),
    }),
  ),
  manifest: z.string(),
  /** As whom the cluster is asked for people, and what that needs; null where the hub asks as itself. */
  people: z.string().nullable(),
})
export type Preflight = z.infer<typeof Preflight>
