import type { CreateDeploymentInput, CreatedDeployment } from '@hub/shared'
import { describeActor, type RequestContext } from '#context'
import { AppError } from '#errors'
import { auditChange, type Sending } from './audit-change.ts'
import type { DeploymentDeps } from './deps.ts'
import { buildManifest } from './manifest.ts'
import { maskVariables } from './manifests/mask-variables.ts'
import { openDeployments } from './open-deployments.ts'
import { planCreation, type CreationDeps } from './plan-creation.ts'
import { presentAnswer } from './present.ts'
import { describeEvidence } from './require-cluster.ts'

export type CreateDeploymentTarget = { instance: string; namespace: string; dryRun: boolean }

/**
 * Creates a ModelDeployment, or with `dryRun` has the cluster check and default it without keeping it.
 * Throws what `openDeployments` and `planCreation` throw, `deployment-exists`, `deployment-invalid`, `deployment-refused`, and the
 * `instance-…` codes.
 */
export async function createDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps & CreationDeps,
  target: CreateDeploymentTarget,
  input: CreateDeploymentInput,
): Promise<CreatedDeployment> {
  const { dryRun, namespace } = target
  const { cluster, create } = openDeployments(ctx, deps, 'deployment.create', target)
  const spec = await planCreation(ctx, deps, cluster.id, input)
  const { template } = input
  const manifest = buildManifest(
    cluster.apiGroup,
    namespace,
    { ...input, spec },
    {
      createdBy: describeActor(ctx.actor),
      requestId: ctx.requestId,
    },
  )
  const post = (sending: Partial<Sending> = {}) =>
    create(manifest, { dryRun, ...sending }).catch((error: unknown) => {
      throw pointIntoInput(error)
    })
  const { body, warnings } = dryRun
    ? await post()
    : await auditChange(
        ctx,
        {
          action: 'deployment.create',
          target: { instance: cluster.id, namespace, name: input.name },
          after: { spec: maskVariables(spec), ...(template !== undefined && { template }) },
          evidence: describeEvidence(cluster),
        },
        post,
      )
  if (!dryRun) {
    deps.fleet.apply(cluster.id, body)
    deps.history.record(ctx, cluster.id, body)
  }
  return { ...presentAnswer(ctx, cluster, body), warnings: [...warnings] }
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
