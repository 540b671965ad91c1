import * as z from 'zod'
import {
  Annotations,
  DeploymentSpec,
  DeploymentSpecPatch,
  Labels,
  ReplicaCount,
} from './deployment-spec.ts'
import { Deployment } from './deployments.ts'
import {
  DeploymentName,
  DeploymentUid,
  InstanceId,
  NamespaceName,
  NewDeploymentName,
} from './names.ts'
import { TemplateId } from './policies.ts'
import { FieldError, ProblemCode } from './problem.ts'
import { IdText } from './text.ts'

/**
 * What is to be deployed: a spec, or a template with what it leaves open. Labels and annotations are the object's own,
 * beside those that AI Runway's tools and the hub set.
 */
export const CreateDeploymentInput = z
  .strictObject({
    name: NewDeploymentName,
    labels: Labels.optional(),
    annotations: Annotations.optional(),
    template: TemplateId.optional(),
    spec: DeploymentSpec.partial({ model: true }).optional(),
  })
  .refine(({ spec, template }) => template !== undefined || spec?.model !== undefined, {
    path: ['spec', 'model', 'id'],
    error: 'is required, for example meta-llama/Llama-3.1-8B-Instruct',
  })
export type CreateDeploymentInput = z.infer<typeof CreateDeploymentInput>

/** `warnings` are what the API server and the hub have to say about what was done all the same. */
export const CreatedDeployment = Deployment.extend({ warnings: z.array(z.string()) })
export type CreatedDeployment = z.infer<typeof CreatedDeployment>

/**
 * A JSON merge patch (RFC 7386) of a ModelDeployment. With `metadata.resourceVersion` it changes that version and no
 * other.
 */
export const DeploymentPatch = z.strictObject({
  metadata: z
    .strictObject({
      resourceVersion: IdText.min(1).max(200).optional(),
      labels: z.record(z.string(), z.string().nullable()).nullish(),
      annotations: z.record(z.string(), z.string().nullable()).nullish(),
    })
    .optional(),
  spec: DeploymentSpecPatch.optional(),
})
export type DeploymentPatch = z.infer<typeof DeploymentPatch>

/** A ModelDeployment as kubectl takes it; what servers write is left out of it. */
export const ManifestInput = z.object({
  apiVersion: z.enum(['airunway.ai/v1alpha1', 'kubeairunway.ai/v1alpha1']),
  kind: z.literal('ModelDeployment'),
  metadata: z.object({
    name: NewDeploymentName,
    namespace: NamespaceName.optional(),
    labels: Labels.optional(),
    annotations: Annotations.optional(),
  }),
  spec: DeploymentSpec,
})

/** The object as somebody would apply it: without what the API server and the controllers write. */
export const Manifest = z.object({
  apiVersion: z.string(),
  kind: z.literal('ModelDeployment'),
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.record(z.string(), z.unknown()),
})
export type Manifest = z.infer<typeof Manifest>

/**
 * `version` is the `ETag` for `If-Match`: it is another one once somebody changed what the manifest shows, and not when
 * a controller writes a status. `kubectl` are the commands that apply it. `isMasked`: values of variables are left out,
 * since the caller may not change the deployment.
 */
export const DeploymentManifest = z.object({
  manifest: Manifest,
  yaml: z.string(),
  kubectl: z.string(),
  version: z.string(),
  isMasked: z.boolean(),
})
export type DeploymentManifest = z.infer<typeof DeploymentManifest>

/** What a change made of a deployment, or with `dryRun=All` would make of it, defaults of the cluster included. */
export const DeploymentChange = z.object({
  deployment: Deployment,
  before: Manifest,
  after: Manifest,
  version: z.string(),
  warnings: z.array(z.string()),
})
export type DeploymentChange = z.infer<typeof DeploymentChange>

/** What goes with a deployment when it is deleted, as far as the hub knows. */
export const DeletedDeployment = Deployment.extend({
  takes: z.array(z.object({ kind: z.string(), name: z.string(), detail: z.string().nullable() })),
})
export type DeletedDeployment = z.infer<typeof DeletedDeployment>

/**
 * A spec that a deployment once had. `by` is the principal who asked the hub for it; where it was changed past the hub,
 * `manager` is what did (`metadata.managedFields`), such as kubectl-edit.
 */
export const DeploymentRevision = z.object({
  generation: z.int(),
  at: z.iso.datetime(),
  by: z.string().nullable(),
  byName: z.string().nullable(),
  manager: z.string().nullable(),
  source: z.enum(['hub', 'cluster']),
  spec: z.record(z.string(), z.unknown()),
})
export type DeploymentRevision = z.infer<typeof DeploymentRevision>

/** The latest 20, newest first; `unseen` are generations in between that the hub did not see. */
export const DeploymentHistory = z.object({
  items: z.array(DeploymentRevision),
  unseen: z.array(z.int()),
  isMasked: z.boolean(),
})
export type DeploymentHistory = z.infer<typeof DeploymentHistory>

/** How many of the latest. */
export const HistoryQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(20).default(20),
})
export type HistoryQuery = z.infer<typeof HistoryQuery>

export const RestoreInput = z.strictObject({ generation: z.int().min(1) })
export type RestoreInput = z.infer<typeof RestoreInput>

export const ScaleInput = z.strictObject({ replicas: ReplicaCount })
export type ScaleInput = z.infer<typeof ScaleInput>

export const RecreateInput = z.strictObject({ uid: DeploymentUid, spec: DeploymentSpec })
export type RecreateInput = z.infer<typeof RecreateInput>

const DeploymentPlace = z.strictObject({ instance: InstanceId, namespace: NamespaceName })

/** One model for several places. */
export const CreateDeploymentsInput = z
  .strictObject({
    ...CreateDeploymentInput.shape,
    targets: z.array(DeploymentPlace).min(1).max(50),
  })
  .refine(({ spec, template }) => template !== undefined || spec?.model !== undefined, {
    path: ['spec', 'model', 'id'],
    error: 'is required, for example meta-llama/Llama-3.1-8B-Instruct',
  })
export type CreateDeploymentsInput = z.infer<typeof CreateDeploymentsInput>

export const deploymentActions = ['scale', 'restart', 'pause', 'resume', 'delete'] as const

/** One change of many deployments, each named with its uid, so that none that took its name is hit. */
export const ChangeDeploymentsInput = z
  .strictObject({
    action: z.enum(deploymentActions),
    replicas: z.int().min(1).max(32).optional(),
    deployments: z
      .array(DeploymentPlace.extend({ name: DeploymentName, uid: DeploymentUid }))
      .min(1)
      .max(200),
  })
  .refine(({ action, replicas }) => (action === 'scale') === (replicas !== undefined), {
    path: ['replicas'],
    error: 'says to how many to scale: it belongs to the action scale, and to no other',
  })
export type ChangeDeploymentsInput = z.infer<typeof ChangeDeploymentsInput>

/** What came of one target: `unknown` where it may have happened all the same. */
export const TargetOutcome = z.object({
  instance: InstanceId,
  namespace: NamespaceName,
  name: z.string(),
  outcome: z.enum(['done', 'failed', 'unknown']),
  deployment: Deployment.nullable(),
  warnings: z.array(z.string()),
  problem: z
    .object({ code: ProblemCode, detail: z.string(), errors: z.array(FieldError).optional() })
    .nullable(),
})
export type TargetOutcome = z.infer<typeof TargetOutcome>

/** Each target once, in the order that was asked for. */
export const TargetOutcomes = z.object({ items: z.array(TargetOutcome) })
export type TargetOutcomes = z.infer<typeof TargetOutcomes>

/**
 * What came of making a deployment anew. `deleting` and `deleted`: it was deleted and nothing was created yet, because of
 * the `problem`; `manifest` is what is to be created once that is mended.
 */
export const RecreatedDeployment = z.object({
  outcome: z.enum(['recreated', 'deleting', 'deleted']),
  deployment: Deployment.nullable(),
  manifest: DeploymentManifest,
  problem: z
    .object({ code: ProblemCode, detail: z.string(), errors: z.array(FieldError).optional() })
    .nullable(),
  warnings: z.array(z.string()),
})
export type RecreatedDeployment = z.infer<typeof RecreatedDeployment>
