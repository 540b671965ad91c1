import type { DeploymentChange } from '@hub/shared'
import { countGpus } from '#budgets'
import { auditChange, clusterErrorOf, type Sending } from '#clusters'
import { describeActor, type RequestContext } from '#context'
import { AppError } from '#errors'
import { changedByAnnotation, requestIdAnnotation } from '#fleet'
import { describeEvidence, type ReadyCluster } from '#instances'
import type { KubeObject, KubeResponse } from '#kube'
import type { DeploymentCoordinates, DeploymentDeps } from '../deps.ts'
import { explainRefusal } from '../explain-refusal.ts'
import { deploymentNotFound } from '../get.ts'
import { maskVariables } from '../manifests/mask-variables.ts'
import { presentManifest, versionOf } from '../manifests/present-manifest.ts'
import { openDeployments, type Deployments } from '../open-deployments.ts'
import { presentAnswer } from '../present.ts'
import { deploymentChanged } from './describe-changed.ts'
import { describeDeclared } from './describe-declared.ts'
import { mergePatch, pickPatched } from './merge-patch.ts'

export type ChangeTarget = DeploymentCoordinates & {
  /** The one that the caller saw; without, the one that has the name. */
  uid?: string | undefined
  /** `If-Match`: only if the deployment still is of this version. */
  ifMatch?: string | undefined
  dryRun?: boolean
}

export type ObjectPatch = {
  metadata?: {
    resourceVersion?: string | undefined
    labels?: Record<string, string | null> | null | undefined
    annotations?: Record<string, string | null> | null | undefined
  }
  spec?: Record<string, unknown>
}

/** A patch for the object as it is; throws where it is none for it. Called again when that changed meanwhile. */
export type PlanChange = (
  current: KubeObject,
  cluster: ReadyCluster,
) => ObjectPatch | Promise<ObjectPatch>

/** The version of a `resourceVersion` moves with every status: how often one that is guarded is read and sent anew. */
const triesMax = 10

/**
 * Changes one deployment by a merge patch, and no other that took its name. Throws what `openDeployments` throws,
 * `not-found`, `deployment-changed`, `conflict`, `deployment-invalid`, `deployment-refused` and the `instance-…` codes.
 */
export async function changeObject(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: ChangeTarget,
  plan: PlanChange,
): Promise<DeploymentChange> {
  const deployments = openDeployments(ctx, deps, 'deployment.update', target)
  const { cluster } = deployments
  let before = await readMeant(deployments, target)
  const first = await plan(before, cluster)
  const send = async (sending: Partial<Sending> = {}): Promise<KubeResponse<KubeObject>> => {
    for (let tries = 1, patch = first; ; tries += 1) {
      try {
        return await sendPatch(ctx, deployments, target, { before, patch }, sending)
      } catch (error) {
        const isConflict = clusterErrorOf(error)?.kind === 'conflict'
        if (!isConflict || target.ifMatch === undefined || tries === triesMax) throw error
      }
      before = await readMeant(deployments, target)
      patch = await plan(before, cluster)
    }
  }
  const { instance, name, namespace } = target
  const change = () =>
    target.dryRun
      ? send()
      : auditChange(
          ctx,
          {
            action: 'deployment.update',
            target: { instance, namespace, name, uid: before.metadata?.uid },
            before: maskVariables(pickPatched(before, first)) as Record<string, unknown>,
            after: maskVariables(first),
            evidence: {
              ...describeEvidence(cluster),
              uid: before.metadata?.uid,
              requestIdBefore: requestIdOf(cluster, before),
            },
          },
          send,
        )
  const { uid } = before.metadata ?? {}
  const answer = await deps.budgets.hold(
    ctx,
    {
      instance: cluster.id,
      namespace,
      name,
      uid: uid ?? null,
      before: countGpus(before['spec']),
      after: countGpus(patchedSpec(before, first)),
      dryRun: target.dryRun ?? false,
    },
    change,
    () => uid ?? null,
  )
  if (!target.dryRun) {
    deps.fleet.apply(cluster.id, answer.body)
    deps.history.record(ctx, cluster.id, answer.body)
  }
  const warnings = [...answer.warnings, ...describeDeclared(before, first)]
  return presentChange(ctx, cluster, before, { ...answer, warnings })
}

async function sendPatch(
  ctx: RequestContext,
  { cluster, patch: send }: Deployments,
  target: ChangeTarget,
  { before, patch }: { before: KubeObject; patch: ObjectPatch },
  sending: Partial<Sending>,
): Promise<KubeResponse<KubeObject>> {
  const { apiGroup } = cluster
  const { resourceVersion, uid } = before.metadata ?? {}
  const body = mergeInto(patch, {
    uid,
    resourceVersion:
      target.ifMatch === undefined ? patch.metadata?.resourceVersion : resourceVersion,
    annotations: {
      ...patch.metadata?.annotations,
      [requestIdAnnotation(apiGroup)]: ctx.requestId,
      [changedByAnnotation(apiGroup)]: describeActor(ctx.actor),
    },
  })
  try {
    return await send(target.name, body, { dryRun: target.dryRun ?? false, ...sending })
  } catch (error) {
    if (clusterErrorOf(error)?.kind === 'not-found') throw deploymentNotFound(target, error)
    // A patch of another object's uid is refused as a change of a field that stays.
    if (
      error instanceof AppError &&
      error.errors?.some(({ pointer }) => pointer === '/metadata/uid')
    ) {
      throw madeAgain(target, error.cause)
    }
    throw explainRefusal(error)
  }
}

function mergeInto(patch: ObjectPatch, metadata: Record<string, unknown>): object {
  return { ...patch, metadata: { ...patch.metadata, ...metadata } }
}

/** What has the name now, if it is the one that is meant and nobody changed it since. */
async function readMeant({ cluster, get }: Deployments, target: ChangeTarget): Promise<KubeObject> {
  const object = await get(target.name)
  if (!object) throw deploymentNotFound(target)
  const { deletionTimestamp, uid } = object.metadata ?? {}
  if (target.uid !== undefined && uid !== target.uid) throw madeAgain(target)
  if (deletionTimestamp !== undefined) throw beingDeleted(target)
  const { ifMatch } = target
  if (
    ifMatch !== undefined &&
    !matches(ifMatch, versionOf(uid, presentManifest(cluster, object)))
  ) {
    throw deploymentChanged(target, object)
  }
  return object
}

/** As a header has it, or bare as the manifest's `version`; a proxy may have made it weak. */
function matches(ifMatch: string, version: string): boolean {
  return ifMatch
    .split(',')
    .map((each) => each.trim().replace(/^W\//, '').replaceAll('"', ''))
    .some((each) => each === '*' || each === version)
}

function requestIdOf({ apiGroup }: ReadyCluster, { metadata }: KubeObject): string | null {
  const annotations = metadata?.['annotations'] as Record<string, unknown> | undefined
  const id = annotations?.[requestIdAnnotation(apiGroup)]
  return typeof id === 'string' ? id : null
}

function presentChange(
  ctx: RequestContext,
  cluster: ReadyCluster,
  before: KubeObject,
  { body, warnings }: KubeResponse<KubeObject>,
): DeploymentChange {
  const after = presentManifest(cluster, body)
  return {
    deployment: presentAnswer(ctx, cluster, body),
    before: presentManifest(cluster, before),
    after,
    version: versionOf(body.metadata?.uid, after),
    warnings: [...warnings],
  }
}

/** The spec that a patch makes of an object's. */
export function patchedSpec({ spec }: KubeObject, patch: ObjectPatch): unknown {
  return mergePatch(spec, patch.spec ?? {})
}

function madeAgain(
  { instance, name, namespace }: DeploymentCoordinates,
  cause?: unknown,
): AppError {
  return new AppError('conflict', {
    detail: `Deployment "${name}" in namespace "${namespace}" of instance "${instance}" was deleted and created again after you looked at it. The one that now has its name was left alone: look at it before you change it.`,
    cause,
  })
}

function beingDeleted({ instance, name, namespace }: DeploymentCoordinates): AppError {
  return new AppError('conflict', {
    detail: `Deployment "${name}" in namespace "${namespace}" of instance "${instance}" is being deleted, so that nothing can be changed about it any more. Create it again once it is gone.`,
  })
}
