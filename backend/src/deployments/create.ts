import type { CreateDeploymentInput, CreatedDeployment } from '@hub/shared'
import { countGpus } from '#budgets'
import { auditChange, type Sending } from '#clusters'
import { describeActor, type RequestContext } from '#context'
import { AppError } from '#errors'
import { describeEvidence } from '#instances'
import type { KubeObject, KubeResponse } from '#kube'
import { findReserved } from './changes/find-reserved.ts'
import { findMissing } from './creations/find-missing.ts'
import { describeUnready, findUnoffered } from './creations/find-unoffered.ts'
import type { DeploymentCoordinates, DeploymentDeps } from './deps.ts'
import { explainRefusal } from './explain-refusal.ts'
import { buildManifest, standardLabels } from './manifest.ts'
import { maskVariables } from './manifests/mask-variables.ts'
import { openDeployments, type Deployments } from './open-deployments.ts'
import { planCreation, type CreationDeps } from './plan-creation.ts'
import { presentAnswer } from './present.ts'

export type CreateDeploymentTarget = { instance: string; namespace: string; dryRun: boolean }

/**
 * Creates a ModelDeployment, or with `dryRun` has the cluster check and default it without keeping it.
 * Throws what `openDeployments`, `planCreation` and `Budgets.hold` throw, `deployment-exists`, `deployment-invalid`, `deployment-refused`, and the
 * `instance-…` codes.
 */
export async function createDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps & CreationDeps,
  target: CreateDeploymentTarget,
  input: CreateDeploymentInput,
): Promise<CreatedDeployment> {
  const { dryRun, namespace } = target
  const deployments = openDeployments(ctx, deps, 'deployment.create', target)
  const { cluster } = deployments
  const spec = await planCreation(ctx, deps, cluster.id, input)
  const { runtimes } = deps.fleet.describeInstance(ctx, cluster.id)
  refuse(cluster.id, [
    ...findReserved(input, { labels: standardLabels(input.name), annotations: {} }),
    ...findUnoffered(spec, runtimes).map(({ detail, pointer }) => ({
      pointer: `/spec${pointer}`,
      detail,
    })),
  ])
  const by = { createdBy: describeActor(ctx.actor), requestId: ctx.requestId }
  const manifest = buildManifest(cluster.apiGroup, namespace, { ...input, spec }, by)
  const [missing, { body, warnings }] = await Promise.all([
    findMissing(deployments, namespace, spec),
    holdNew(
      ctx,
      deps,
      { instance: cluster.id, namespace, name: input.name, dryRun },
      manifest,
      () =>
        sendCreation(ctx, deployments, manifest, { dryRun, namespace, template: input.template }),
    ),
  ])
  if (!dryRun) {
    deps.fleet.apply(cluster.id, body)
    deps.history.record(ctx, cluster.id, body)
  }
  return {
    ...presentAnswer(ctx, cluster, body),
    warnings: [...warnings, ...describeUnready(spec, runtimes), ...missing],
  }
}

/** Within what the caller may have at once, and the token that they came with may hold. */
function holdNew(
  ctx: RequestContext,
  { budgets }: Pick<DeploymentDeps, 'budgets'>,
  at: DeploymentCoordinates & { dryRun: boolean },
  { spec }: { spec: unknown },
  work: () => Promise<KubeResponse<KubeObject>>,
): Promise<KubeResponse<KubeObject>> {
  const claim = { ...at, uid: null, before: 0, after: countGpus(spec) }
  return budgets.hold(ctx, claim, work, ({ body }) => body.metadata?.uid ?? null)
}

type Sent = { dryRun: boolean; namespace: string; template?: string | undefined }

/** Has the cluster make the object, with its two rows of audit unless it is a dry run. */
export async function sendCreation(
  ctx: RequestContext,
  { cluster, create }: Deployments,
  manifest: { metadata: { name: string }; spec: unknown },
  { dryRun, namespace, template }: Sent,
): Promise<KubeResponse<KubeObject>> {
  const post = (sending: Partial<Sending> = {}) =>
    create(manifest, { dryRun, ...sending }).catch((error: unknown) => {
      throw explainRefusal(error, toInputPointer)
    })
  if (dryRun) return post()
  return auditChange(
    ctx,
    {
      action: 'deployment.create',
      target: { instance: cluster.id, namespace, name: manifest.metadata.name },
      after: {
        spec: maskVariables(manifest.spec),
        ...(template !== undefined && { template }),
      },
      evidence: describeEvidence(cluster),
    },
    post,
  )
}

function refuse(instance: string, errors: { pointer: string; detail: string }[]): void {
  if (errors.length === 0) return
  const sentences = errors.map(({ detail, pointer }) => `${pointer} ${detail}`)
  throw new AppError('deployment-invalid', {
    detail: `Instance "${instance}" does not accept such a deployment. ${sentences.join(' ')}`,
    errors,
  })
}

/** The cluster points into the object it was sent; the caller sent its name, labels and annotations at the top. */
function toInputPointer(pointer: string): string {
  return pointer.replace(/^\/metadata(?=\/(name|labels|annotations)(\/|$))/, '')
}
