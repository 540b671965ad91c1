import { randomBytes } from 'node:crypto'
import type { RecreatedDeployment, RecreateInput } from '@hub/shared'
import { countGpus } from '#budgets'
import { describeActor, type RequestContext } from '#context'
import { AppError, asAppError } from '#errors'
import { changedByAnnotation, createdByAnnotation } from '#fleet'
import { isRecord, sleep, systemTiming, type KubeObject, type Timing } from '#kube'
import { authorize } from '#rbac'
import { sendCreation } from '../create.ts'
import { requireConfirmed } from '../confirm.ts'
import { deleteAgreed } from '../delete.ts'
import type { DeploymentCoordinates, DeploymentDeps } from '../deps.ts'
import { deploymentNotFound } from '../get.ts'
import { buildManifest } from '../manifest.ts'
import { presentManifest } from '../manifests/present-manifest.ts'
import { writeManifest } from '../manifests/write-manifest.ts'
import { openDeployments, type Deployments } from '../open-deployments.ts'
import { refuseFields } from '../policies/refuse-fields.ts'
import { presentAnswer } from '../present.ts'
import { leaveUnchanged } from './leave-unchanged.ts'

export type RecreateTarget = DeploymentCoordinates & { dryRun?: boolean }

/** Pods take half a minute to end; whoever waits for the answer, and proxies on the way, not much longer. */
const goneMsMax = 45_000
const lookEveryMs = 500

/**
 * Deletes a deployment and creates it again with another spec, for what cannot be changed in place: once the cluster has
 * said that it would take it. Where nothing came of the second half, the answer says so and carries the manifest. Throws,
 * while nothing was done, what `createDeployment` and `deleteDeployment` throw.
 */
export async function recreateDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: RecreateTarget,
  { spec, uid }: RecreateInput,
  timing: Timing = systemTiming,
): Promise<RecreatedDeployment> {
  const { dryRun = false, instance, name, namespace } = target
  authorize(ctx, 'deployment.delete', target)
  const deployments = openDeployments(ctx, deps, 'deployment.create', target)
  const before = await deployments.get(name)
  if (!before) throw deploymentNotFound(target)
  if (before.metadata?.uid !== uid) throw madeAgain(target)
  await refuseFields(ctx, deps, instance, leaveUnchanged(spec, before['spec']))
  const manifest = buildAnew(ctx, deployments, target, before, spec)
  const shown = writeManifest(undefined, presentManifest(deployments.cluster, manifest), {
    isMasked: false,
  })
  const { warnings } = await tryOut(ctx, deployments, target, manifest)
  const answer = { manifest: shown, deployment: null, problem: null, warnings: [...warnings] }
  const claim = {
    instance: deployments.cluster.id,
    namespace,
    name,
    uid,
    before: countGpus(before['spec']),
    after: countGpus(manifest.spec),
    dryRun,
  }
  const work = async (): Promise<RecreatedDeployment> =>
    dryRun
      ? { ...answer, outcome: 'recreated' }
      : replace(ctx, deps, deployments, { target, uid, spec, manifest, answer, timing })
  return deps.budgets.hold(ctx, claim, work, ({ deployment }) => deployment?.uid ?? null)
}

type Replacing = {
  target: RecreateTarget
  uid: string
  spec: RecreateInput['spec']
  manifest: ReturnType<typeof buildAnew>
  answer: Omit<RecreatedDeployment, 'outcome'>
  timing: Timing
}

/** Deletes the one and creates the other, once a person has agreed where one has to. */
async function replace(
  ctx: RequestContext,
  deps: DeploymentDeps,
  deployments: Deployments,
  { answer, manifest, spec, target, timing, uid }: Replacing,
): Promise<RecreatedDeployment> {
  const { instance, name, namespace } = target
  await requireConfirmed(ctx, deps, {
    action: 'deployment.recreate',
    target: { instance, namespace, name, uid },
    input: { spec },
  })
  await deleteAgreed(ctx, deps, { ...target, uid }, async () => {})
  const inTheWay = await awaitGone(deployments, target, uid, timing)
  if (inTheWay) return { ...answer, ...inTheWay }
  try {
    const made = await sendCreation(ctx, deployments, manifest, { dryRun: false, namespace })
    deps.fleet.apply(deployments.cluster.id, made.body)
    deps.history.record(ctx, deployments.cluster.id, made.body)
    const deployment = presentAnswer(ctx, deployments.cluster, made.body)
    return { ...answer, outcome: 'recreated', deployment, warnings: [...made.warnings] }
  } catch (error) {
    const { code, detail, errors } = asAppError(error)
    const told = `It was deleted, and could not be created anew: ${detail} Create it from the manifest once that is mended.`
    return {
      ...answer,
      outcome: 'deleted',
      problem: { code, detail: told, ...(errors && { errors }) },
    }
  }
}

/** The object anew: with people's own labels and annotations, and who made it first. */
function buildAnew(
  ctx: RequestContext,
  { cluster }: Deployments,
  { name, namespace }: DeploymentCoordinates,
  before: KubeObject,
  spec: RecreateInput['spec'],
) {
  const { apiGroup } = cluster
  const { annotations = {}, labels = {} } = presentManifest(cluster, before).metadata
  const actor = describeActor(ctx.actor)
  const noted = before.metadata?.['annotations']
  const creator = isRecord(noted) ? noted[createdByAnnotation(apiGroup)] : undefined
  const request = {
    createdBy: typeof creator === 'string' ? creator : actor,
    requestId: ctx.requestId,
  }
  const manifest = buildManifest(apiGroup, namespace, { name, labels, annotations, spec }, request)
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      labels: { ...manifest.metadata.labels, ...labels },
      annotations: { ...manifest.metadata.annotations, [changedByAnnotation(apiGroup)]: actor },
    },
  }
}

/** Has the cluster check it under a name that is free: the old one holds its own. */
async function tryOut(
  ctx: RequestContext,
  deployments: Deployments,
  { name, namespace }: DeploymentCoordinates,
  manifest: ReturnType<typeof buildAnew>,
) {
  // No longer than the name may be: a label, or where it is longer already any name.
  const kept = name.slice(0, name.length > 63 ? 244 : 54).replace(/[.-]+$/, '')
  const other = `${kept}-${randomBytes(4).toString('hex')}`
  const { model } = manifest.spec ?? {}
  const volumes = model?.storage?.volumes.map((volume) =>
    // A claim that AI Runway makes is named after the deployment.
    volume.size !== undefined && volume.claimName === `${name}-${volume.name}`
      ? { ...volume, claimName: `${other}-${volume.name}` }
      : volume,
  )
  const spec = volumes
    ? { ...manifest.spec, model: { ...model, storage: { volumes } } }
    : manifest.spec
  const tried = { ...manifest, metadata: { ...manifest.metadata, name: other }, spec }
  return sendCreation(ctx, deployments, tried, { dryRun: true, namespace })
}

/** Null once the name is free; else what came of it. */
async function awaitGone(
  { get }: Deployments,
  { name }: DeploymentCoordinates,
  uid: string,
  timing: Timing,
): Promise<Pick<RecreatedDeployment, 'outcome' | 'problem'> | null> {
  const until = timing.now() + goneMsMax
  for (;;) {
    const object = await get(name).catch(asAppError)
    if (object === null) return null
    const isError = object instanceof AppError
    if (!isError && object.metadata?.uid !== uid) {
      const detail = `It was deleted, and somebody created another deployment "${name}" before it could be made anew. That one was left alone: look at it, or create this one from the manifest under another name.`
      return { outcome: 'deleted', problem: { code: 'deployment-exists', detail } }
    }
    if (timing.now() >= until) {
      const detail = isError
        ? `It is being deleted, and the cluster no longer says whether it is gone: ${object.detail} Look whether it is there, and create it from the manifest if it is not.`
        : describeHeld(object)
      return { outcome: 'deleting', problem: { code: isError ? object.code : 'conflict', detail } }
    }
    await sleep(timing, lookEveryMs)
  }
}

function describeHeld({ metadata }: KubeObject): string {
  const finalizers = metadata?.['finalizers']
  const holders = Array.isArray(finalizers) ? finalizers.slice(0, 5).map(String).join(', ') : ''
  const why = holders === '' ? '' : ` It waits for ${holders}.`
  return `It is still being deleted after ${goneMsMax / 1_000} s.${why} Create it from the manifest once it is gone.`
}

function madeAgain({ instance, name, namespace }: DeploymentCoordinates): AppError {
  return new AppError('conflict', {
    detail: `Deployment "${name}" in namespace "${namespace}" of instance "${instance}" is not the one that you looked at: it was deleted and created again. Nothing was done; look at it before you recreate it.`,
  })
}
