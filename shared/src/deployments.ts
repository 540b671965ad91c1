import * as z from 'zod'
import { InstanceStatus } from './instances.ts'
import { InstanceId, NamespaceName } from './names.ts'
import { deploymentSorts, deploymentStates, deploymentStatuses } from './sets.ts'
import { IdText, LineText } from './text.ts'

/** A Kubernetes condition (meta/v1 Condition). */
export const Condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: z.string().nullable(),
})
export type Condition = z.infer<typeof Condition>

export const DeploymentState = z.enum(deploymentStates)
export type DeploymentState = z.infer<typeof DeploymentState>

/**
 * A ModelDeployment of one instance. `state` is how it truly is and `sentence` says that to people; `phase` is the
 * cluster's own word, null until its controller wrote one.
 */
export const Deployment = z.object({
  instance: InstanceId,
  namespace: NamespaceName,
  name: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  createdAt: z.string(),
  createdBy: z.string().nullable(),
  deletingSince: z.string().nullable(),
  model: z.object({
    id: z.string().nullable(),
    servedName: z.string().nullable(),
    source: z.string().nullable(),
  }),
  engine: z.string().nullable(),
  runtime: z.string().nullable(),
  servingMode: z.string().nullable(),
  /** `held` is what its pods hold on nodes, whatever was asked for; null where pods may not be read. */
  gpus: z.object({
    perReplica: z.int(),
    type: z.string().nullable(),
    held: z.int().nullable(),
  }),
  /**
   * `desired` is what is asked for, `ready` and `available` what the cluster's controller wrote last; of a disaggregated
   * one `ready` is counted from pods, as far as these tell. `running` is counted from pods; null where these may not be
   * read, or do not tell.
   */
  replicas: z.object({
    desired: z.int(),
    ready: z.int(),
    available: z.int(),
    running: z.int().nullable(),
  }),
  state: DeploymentState,
  sentence: z.string(),
  phase: z.string().nullable(),
  message: z.string().nullable(),
  endpoint: z.object({ service: z.string(), port: z.int() }).nullable(),
  conditions: z.array(Condition),
  abilities: z.object({ update: z.boolean(), delete: z.boolean() }),
})
export type Deployment = z.infer<typeof Deployment>

/**
 * One deployment as the hub knows it: `asOf` is when its cluster was last heard of deployments, so that this is how it was
 * then or later; null before it was. Where it is not `isCurrent`, nothing more is heard, and the instance's status says
 * why.
 */
export const KnownDeployment = Deployment.extend({
  asOf: z.iso.datetime().nullable(),
  isCurrent: z.boolean(),
  instanceStatus: InstanceStatus.pick({ state: true, reason: true }),
})
export type KnownDeployment = z.infer<typeof KnownDeployment>

/**
 * Why a deployment is as it is: `evidence` are the fields that tell it, with the cluster's own words, the most telling
 * first, and `next` is what helps. `phase` is what the cluster's controller wrote last.
 */
export const DeploymentExplanation = KnownDeployment.pick({
  instance: true,
  namespace: true,
  name: true,
  uid: true,
  state: true,
  sentence: true,
  phase: true,
  asOf: true,
  isCurrent: true,
}).extend({
  evidence: z.array(z.object({ object: z.string(), field: z.string(), value: z.string() })),
  next: z.string(),
})
export type DeploymentExplanation = z.infer<typeof DeploymentExplanation>

export const WaitQuery = z.strictObject({
  seconds: z.coerce
    .number()
    .int()
    .min(1)
    .max(600)
    .default(50)
    .describe('How long at most. Many clients give up after 60 themselves.'),
})
export type WaitQuery = z.infer<typeof WaitQuery>

/**
 * How a wait ended, with what explains the deployment then: it runs, somebody has to look after it, it is there no more, or
 * the time was over. `state` is null for what is gone.
 */
export const DeploymentWait = DeploymentExplanation.pick({
  instance: true,
  namespace: true,
  name: true,
  uid: true,
  sentence: true,
  evidence: true,
  next: true,
}).extend({
  outcome: z.enum(['running', 'needs-attention', 'gone', 'still-waiting']),
  state: DeploymentState.nullable(),
  waitedSeconds: z.int(),
})
export type DeploymentWait = z.infer<typeof DeploymentWait>

/** Groups of states that people filter by; `attention` is every state that somebody has to look after. */
export const DeploymentStatusFilter = z.enum(deploymentStatuses)
export type DeploymentStatusFilter = z.infer<typeof DeploymentStatusFilter>

/** The longest text of a deployment that is kept is not much longer. */
const ExactText = IdText.min(1).max(4_100)

/**
 * What narrows a list. `q` searches name, model, namespace, instance, engine and runtime; all others are exact: `owner`
 * is a principal, or `me`; `gpu` the type that is asked for, `any` where none is named, `none` where no GPU is wanted.
 */
export const DeploymentFilter = z.strictObject({
  instance: InstanceId.optional(),
  namespace: NamespaceName.optional(),
  status: DeploymentStatusFilter.optional(),
  model: ExactText.optional(),
  owner: ExactText.optional(),
  gpu: ExactText.optional(),
  engine: ExactText.optional(),
  q: LineText.max(200).optional(),
})
export type DeploymentFilter = z.infer<typeof DeploymentFilter>

/**
 * What a list may be asked for. `sort` is a field, with `-` before it for descending; `cursor` is `next` of the page
 * before, under the same filter and sort. `offset` is how many come before instead, for who shows a list by its places:
 * where the list changes between two such pages, they may overlap or leave one out.
 */
export const DeploymentsQuery = DeploymentFilter.extend({
  sort: z
    .string()
    .regex(
      new RegExp(`^-?(${deploymentSorts.join('|')})$`),
      `must be one of ${deploymentSorts.join(', ')}, with - before it for descending`,
    )
    .optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
  cursor: IdText.max(1_000).optional(),
  offset: z.coerce.number().int().min(0).max(10_000_000).optional(),
}).refine(({ cursor, offset }) => cursor === undefined || offset === undefined, {
  path: ['offset'],
  error: 'says where a page begins, as `cursor` does: send one of them',
})
export type DeploymentsQuery = z.infer<typeof DeploymentsQuery>

/**
 * One page. `total` and `counts` count all pages of what the caller may see, `counts` before the status filter; `next`
 * is null on the last page. `partial` says which instances are not up to date and why: with `asOf`, all of their
 * deployments are in the list as they were then; without, some are missing.
 */
export const DeploymentList = z.object({
  items: z.array(Deployment),
  total: z.int(),
  counts: z.record(DeploymentStatusFilter, z.int()),
  next: z.string().nullable(),
  partial: z.array(
    z.object({ instance: InstanceId, reason: z.string(), asOf: z.iso.datetime().optional() }),
  ),
})
export type DeploymentList = z.infer<typeof DeploymentList>

/** A value that some deployments have, with what people call it. */
const FacetValue = z.object({ value: z.string(), label: z.string(), count: z.int() })

/**
 * What a list can be narrowed to: by field, the values of what the caller may see, the most frequent first and 200 of a
 * field at most; `more` says that some field has others. Each field is counted under the whole filter but itself, and
 * `value` goes into the filter.
 */
export const DeploymentFacets = z.object({
  instances: z.array(FacetValue),
  namespaces: z.array(FacetValue),
  models: z.array(FacetValue),
  /** `label` is the person's name, or the principal where nobody is known by it. */
  owners: z.array(FacetValue),
  gpus: z.array(FacetValue),
  engines: z.array(FacetValue),
  more: z.boolean(),
})
export type DeploymentFacets = z.infer<typeof DeploymentFacets>
