import type { CreateDeploymentInput, Deployment, DeploymentSpecPatch } from '@hub/shared'
import { describeActor, type RequestContext } from '#context'
import { AppError } from '#errors'
import { isAllowed } from '#rbac'
import { auditChange, type Sending } from './audit-change.ts'
import type { DeploymentDeps } from './deps.ts'
import { buildManifest } from './manifest.ts'
import { openDeployments } from './open-deployments.ts'
import { defaultPolicy, findRefused } from './policies/find-refused.ts'
import { presentAnswer } from './present.ts'
import { describeEvidence } from './require-cluster.ts'

export type CreateDeploymentTarget = { instance: string; namespace: string; dryRun: boolean }

/**
 * Creates a ModelDeployment, or with `dryRun` has the cluster check and default it without keeping it.
 * Throws what `openDeployments` throws, `deployment-exists`, `deployment-invalid`, `deployment-refused`, and the
 * `instance-…` codes.
 */
export async function createDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: CreateDeploymentTarget,
  input: CreateDeploymentInput,
): Promise<Deployment> {
  const { dryRun, namespace } = target
  const { cluster, create } = openDeployments(ctx, deps, 'deployment.create', target)
  if (input.template !== undefined) {
    throw new AppError('not-found', { detail: `There is no template "${input.template}".` })
  }
  refuseFields(ctx, target.instance, input.spec ?? {})
  const manifest = buildManifest(cluster.apiGroup, namespace, input, {
    createdBy: describeActor(ctx.actor),
    requestId: ctx.requestId,
  })
  const post = (sending: Partial<Sending> = {}) =>
    create(manifest, { dryRun, ...sending }).catch((error: unknown) => {
      throw pointIntoInput(error)
    })
  const { body } = dryRun
    ? await post()
    : await auditChange(
        ctx,
        {
          action: 'deployment.create',
          target: { instance: cluster.id, namespace, name: input.name },
          after: { spec: input.spec },
          evidence: describeEvidence(cluster),
        },
        post,
      )
  if (!dryRun) deps.fleet.apply(cluster.id, body)
  return presentAnswer(ctx, cluster, body)
}

function refuseFields(ctx: RequestContext, instance: string, spec: DeploymentSpecPatch): void {
  const isAdmin = isAllowed(ctx, 'instance.manage', { instance, namespace: null })
  const errors = findRefused(spec, defaultPolicy, { isAdmin })
  if (errors.length === 0) return
  throw new AppError('deployment-invalid', {
    detail: `Instance "${instance}" takes no such deployment: its policy refuses what the fields say.`,
    errors: errors.map(({ detail, pointer }) => ({ pointer: `/spec${pointer}`, detail })),
  })
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
