import type { CreateDeploymentInput, Deployment } from '@hub/shared'
import { describeActor, type RequestContext } from '#context'
import { AppError } from '#errors'
import { toAppError, type KubeObject, type KubeRequest, type KubeResponse } from '#kube'
import { auditChange } from './audit-change.ts'
import type { DeploymentDeps } from './deps.ts'
import { buildManifest } from './manifest.ts'
import { presentAnswer } from './present.ts'
import { collectionPath } from './paths.ts'
import {
  asCaller,
  describeEvidence,
  describeTarget,
  requireCluster,
  type ReadyCluster,
} from './require-cluster.ts'

export type CreateDeploymentTarget = { instance: string; namespace: string; dryRun: boolean }

/**
 * Creates a ModelDeployment, or with `dryRun` has the cluster check and default it without keeping it.
 * Throws what `requireCluster` throws, `deployment-exists`, `deployment-invalid`, `deployment-refused`, and the
 * `instance-…` codes.
 */
export async function createDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: CreateDeploymentTarget,
  input: CreateDeploymentInput,
): Promise<Deployment> {
  const cluster = requireCluster(ctx, deps, 'deployment.create', target)
  const manifest = buildManifest(cluster.apiGroup, target.namespace, input, {
    createdBy: describeActor(ctx.actor),
    requestId: ctx.requestId,
  })
  const post = (sending: Pick<KubeRequest, 'onSend'>) =>
    postManifest(ctx, cluster, target, manifest, sending)
  const { body } = target.dryRun
    ? await post({})
    : await auditChange(
        ctx,
        {
          action: 'deployment.create',
          target: { instance: cluster.id, namespace: target.namespace, name: input.name },
          after: { spec: input.spec },
          evidence: describeEvidence(cluster),
        },
        post,
      )
  if (!target.dryRun) deps.fleet.apply(cluster.id, body)
  return presentAnswer(ctx, cluster, body)
}

async function postManifest(
  ctx: RequestContext,
  cluster: ReadyCluster,
  target: CreateDeploymentTarget,
  manifest: ReturnType<typeof buildManifest>,
  sending: Pick<KubeRequest, 'onSend'>,
): Promise<KubeResponse<KubeObject>> {
  try {
    // Not tied to the caller's abort: a half-sent create would leave nobody knowing what happened.
    return await cluster.transport.request<KubeObject>({
      method: 'POST',
      path: collectionPath(cluster.apiGroup, target.namespace),
      query: {
        fieldManager: 'kubeairunway-hub',
        // A field that this cluster's CRD does not know would else be dropped in silence.
        fieldValidation: 'Strict',
        dryRun: target.dryRun ? 'All' : undefined,
      },
      body: manifest,
      requestId: ctx.requestId,
      ...sending,
      ...asCaller(ctx, cluster, target.namespace),
    })
  } catch (error) {
    throw pointIntoInput(toAppError(error, describeTarget(cluster)))
  }
}

/** The cluster points into the object it was sent; the caller sent its name at the top. */
function pointIntoInput(error: unknown): unknown {
  if (!(error instanceof AppError) || !error.errors) return error
  const { cause, code, detail, retryAfterSeconds } = error
  return new AppError(code, {
    detail,
    cause,
    errors: error.errors.map((field) =>
      field.pointer === '/metadata/name' ? { ...field, pointer: '/name' } : field,
    ),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })
}
