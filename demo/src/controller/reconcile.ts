import { isDeepStrictEqual } from 'node:util'
import { KubeError } from '../client.ts'
import type { KubeClient } from '../client.ts'
import { crdGroupOf } from '../crd-group.ts'
import type { KubeObject, Untyped } from '../objects.ts'
import { setCondition } from './conditions.ts'
import { writeEvent } from './events.ts'
import { faultOf, heldFinalizer, toHalfAppliedPod, withFault } from './faults.ts'
import type { Condition } from './conditions.ts'
import { ownerReferenceTo, toSelector, toWantedPods } from './pods.ts'
import type { WantedPod } from './pods.ts'
import type { Provider } from './providers.ts'
import { isReady, planRollout } from './plan-rollout.ts'
import { writeRuntimeObjects, type WrittenObjects } from './runtime-objects.ts'
import { selectProvider } from './selection.ts'
import type { Selection } from './selection.ts'

export type World = {
  client: KubeClient
  providers: readonly Provider[]
  configs(): KubeObject[]
  /** The pods that the ModelDeployment owns. */
  podsOf(deployment: KubeObject): KubeObject[]
  /** What could not be made may be made a while later. */
  retryLater(deployment: KubeObject): void
  /** Null where what runtimes make is not played, but its pods alone. */
  written: WrittenObjects | null
  /** Whether the stage has lasted long enough; if not, the deployment is looked at again later. */
  isDue(deployment: KubeObject, stage: 'select' | 'deploy' | 'sync', since?: string): boolean
}

/** Moves one ModelDeployment one step on, as AI Runway's core and provider controllers would. */
export async function reconcile(world: World, deployment: KubeObject): Promise<void> {
  const { metadata, spec } = deployment
  const group = crdGroupOf(deployment)
  if (metadata.annotations?.[`${group}/reconcile-paused`] === 'true') return
  if (metadata.deletionTimestamp) return finishDeletion(world, deployment)
  if (!spec?.model) return
  const isSelected = deployment.status?.provider?.name !== undefined
  const isNew = deployment.status?.observedGeneration !== metadata.generation
  if ((isNew || !isSelected) && !world.isDue(deployment, 'select', String(metadata.generation)))
    return

  const selection = selectProvider(deployment, world.configs(), world.providers)
  if (typeof selection === 'string') return reportNoProvider(world, deployment, selection)
  if (!isSelected) return patchStatus(world, deployment, toSelected(deployment, selection))
  if (deployment.status.provider.resourceName === undefined && !world.isDue(deployment, 'deploy'))
    return

  const { provider } = selection
  const finalizer = `${group}/${provider.name}-provider`
  if (!metadata.finalizers?.includes(finalizer)) return addFinalizer(world, deployment, finalizer)
  const wanted = toWantedPods(deployment, provider)
  const pods = world.podsOf(deployment)
  await createService(world, deployment, provider)
  const { create, remove } = planRollout(deployment.metadata.name, wanted, pods)
  await createPods(world, deployment, create)
  await createHalfApplied(world, deployment, wanted, pods)
  for (const pod of remove) await deletePod(world, pod)
  const { client, written } = world
  const made = { pods, wanted }
  if (written) await writeRuntimeObjects({ client, written }, deployment, provider, made)
  const status = toDeployed(deployment, provider, wanted, pods)
  const before = deployment.status.replicas?.ready ?? 0
  if (
    status.replicas.ready !== before &&
    !world.isDue(deployment, 'sync', `${before}→${status.replicas.ready}`)
  )
    return
  await patchStatus(world, deployment, status)
}

async function finishDeletion(world: World, deployment: KubeObject): Promise<void> {
  const { metadata } = deployment
  const ours = (metadata.finalizers ?? []).filter((each) =>
    /^(kube)?airunway\.ai\/.*-provider$/.test(each),
  )
  if (ours.length === 0) return
  if (deployment.status?.phase !== 'Terminating') {
    await patchStatus(world, deployment, { phase: 'Terminating' })
  }
  const pods = world.podsOf(deployment)
  for (const pod of pods) await deletePod(world, pod)
  if (pods.length > 0) return
  const endpoint = deployment.status?.endpoint?.service
  if (endpoint) await world.client.raw('DELETE', `${servicesPath(deployment)}/${endpoint}`)
  const left = metadata.finalizers!.filter((each) => !ours.includes(each))
  await patchMetadata(world, deployment, { finalizers: left.length > 0 ? left : null })
}

export function toSelected(deployment: KubeObject, selection: Selection): object {
  const { provider, providerReason, isProviderExplicit, engine, engineReason, isEngineExplicit } =
    selection
  const how = (isExplicit: boolean) => (isExplicit ? 'ExplicitSelection' : 'AutoSelected')
  return {
    phase: 'Pending',
    observedGeneration: deployment.metadata.generation,
    engine: { type: engine, selectedReason: engineReason },
    provider: { name: provider.name, selectedReason: providerReason },
    conditions: withConditions(deployment, [
      ['Validated', true, 'ValidationPassed', 'Schema validation passed'],
      ['EngineSelected', true, how(isEngineExplicit), engineReason],
      ['ProviderSelected', true, how(isProviderExplicit), providerReason],
    ]),
  }
}

async function reportNoProvider(world: World, deployment: KubeObject, why: string): Promise<void> {
  if (deployment.status?.provider?.name !== undefined) return // a selection once made is kept
  await patchStatus(world, deployment, {
    phase: 'Pending',
    message: why,
    observedGeneration: deployment.metadata.generation,
    conditions: withConditions(deployment, [
      ['Validated', true, 'ValidationPassed', 'Schema validation passed'],
      ['ProviderSelected', false, 'SelectionFailed', why],
    ]),
  })
}

export function toDeployed(
  deployment: KubeObject,
  provider: Provider,
  wanted: readonly WantedPod[],
  pods: readonly KubeObject[],
): Untyped {
  const desired = wanted.length
  // Those of the template before serve until the new ones do.
  const readyPods = Math.min(desired, pods.filter(isReady).length)
  const ready = provider.countsAllOrNothing && readyPods < desired ? 0 : readyPods
  const isRunning = ready >= desired
  return {
    phase: isRunning ? 'Running' : 'Deploying',
    message: isRunning
      ? `${provider.createdMessage}, pods are ready`
      : `${provider.createdMessage}, waiting for pods to be ready`,
    observedGeneration: deployment.metadata.generation,
    provider: {
      ...deployment.status.provider,
      resourceName: deployment.metadata.name,
      resourceKind: provider.resourceKind,
    },
    replicas: { desired, ready, available: ready },
    endpoint: provider.toEndpoint(deployment.metadata.name),
    conditions: withConditions(deployment, [
      [
        'ProviderCompatible',
        true,
        'CompatibilityVerified',
        `Configuration is compatible with ${provider.name}`,
      ],
      [
        'ResourceCreated',
        true,
        'ResourceCreated',
        `${provider.resourceKind} ${deployment.metadata.name} created`,
      ],
      isRunning
        ? ['Ready', true, 'DeploymentReady', 'All replicas are ready']
        : ['Ready', false, 'DeploymentInProgress', `${ready} of ${desired} replicas are ready`],
    ]),
  }
}

function withConditions(
  { metadata, status }: KubeObject,
  changes: readonly (readonly [type: string, isTrue: boolean, reason: string, message: string])[],
): Condition[] {
  return changes.reduce<Condition[]>(
    (conditions, [type, isTrue, reason, message]) =>
      setCondition(conditions, {
        type,
        status: isTrue ? 'True' : 'False',
        reason,
        message,
        observedGeneration: metadata.generation!,
      }),
    status?.conditions ?? [],
  )
}

async function createPods(
  { client, retryLater }: World,
  deployment: KubeObject,
  missing: readonly WantedPod[],
): Promise<void> {
  for (const { pod } of missing) {
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods`
    try {
      await client.request('POST', path, { body: withFault(pod, deployment) })
    } catch (error) {
      if (!(error instanceof KubeError)) throw error
      if (error.status.reason === 'AlreadyExists') continue
      if (error.status.reason !== 'Forbidden') throw error
      retryLater(deployment)
      return tellUncreated(client, deployment, pod, error)
    }
  }
}

async function createHalfApplied(
  { client }: World,
  deployment: KubeObject,
  [first]: readonly WantedPod[],
  pods: readonly KubeObject[],
): Promise<void> {
  const next = first && toHalfAppliedPod(deployment, first.pod)
  if (!next || pods.some((pod) => pod.metadata.name === next.metadata.name)) return
  const path = `/api/v1/namespaces/${next.metadata.namespace}/pods`
  await client.request('POST', path, { body: next }).catch(ignore('AlreadyExists'))
}

/** As the ReplicaSet's controller does, which the demo has none of. */
async function tellUncreated(
  client: KubeClient,
  deployment: KubeObject,
  { metadata }: KubeObject,
  error: KubeError,
): Promise<void> {
  const hash = metadata.labels?.['pod-template-hash'] ?? 'demo'
  const replicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: `${deployment.metadata.name}-${hash}`, namespace: metadata.namespace! },
  }
  const event = {
    type: 'Warning',
    reason: 'FailedCreate',
    message: `Error creating: ${error.status.message}`,
    component: 'replicaset-controller',
  } as const
  await writeEvent(client, replicaSet, event, true)
}

async function deletePod({ client }: World, { metadata }: KubeObject): Promise<void> {
  if (metadata.deletionTimestamp) return
  const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`
  await client.request('DELETE', path).catch(ignore('NotFound'))
}

async function createService(
  { client }: World,
  deployment: KubeObject,
  provider: Provider,
): Promise<void> {
  const { service } = provider.toEndpoint(deployment.metadata.name)
  if (deployment.status?.endpoint?.service === service) return
  const body = toService(deployment, provider)
  await client.request('POST', servicesPath(deployment), { body }).catch(ignore('AlreadyExists'))
}

export function toService(deployment: KubeObject, provider: Provider): KubeObject {
  const { service, port } = provider.toEndpoint(deployment.metadata.name)
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: service, ownerReferences: [ownerReferenceTo(deployment)] },
    spec: {
      selector: toSelector(deployment, provider),
      ports: [{ name: 'http', port, targetPort: provider.container.port }],
    },
  }
}

function servicesPath({ metadata }: KubeObject): string {
  return `/api/v1/namespaces/${metadata.namespace}/services`
}

async function addFinalizer(
  world: World,
  deployment: KubeObject,
  finalizer: string,
): Promise<void> {
  const held = faultOf(deployment) === 'held' ? [heldFinalizer] : []
  const finalizers = [...(deployment.metadata.finalizers ?? []), finalizer, ...held]
  await patchMetadata(world, deployment, { finalizers })
}

/** Guarded by the version: a list of finalizers replaces the whole list. */
async function patchMetadata(
  { client }: World,
  deployment: KubeObject,
  change: object,
): Promise<void> {
  const { resourceVersion } = deployment.metadata
  await client
    .request('PATCH', deploymentPath(deployment), {
      contentType: 'application/merge-patch+json',
      body: { metadata: { ...change, resourceVersion } },
    })
    .catch(ignore('NotFound', 'Conflict'))
}

async function patchStatus(
  { client }: World,
  deployment: KubeObject,
  change: Untyped,
): Promise<void> {
  const before = deployment.status ?? {}
  const isChanged = Object.keys(change).some((key) => !isDeepStrictEqual(change[key], before[key]))
  if (!isChanged) return
  // A message of an earlier stage must not outlive it.
  const message = change.message ?? (before.message === undefined ? undefined : null)
  await client
    .request('PATCH', `${deploymentPath(deployment)}/status`, {
      contentType: 'application/merge-patch+json',
      body: { status: { ...change, ...(message !== undefined && { message }) } },
    })
    .catch(ignore('NotFound'))
}

function deploymentPath(deployment: KubeObject): string {
  const { namespace, name } = deployment.metadata
  return `/apis/${crdGroupOf(deployment)}/v1alpha1/namespaces/${namespace}/modeldeployments/${name}`
}

function ignore(...reasons: string[]): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof KubeError && reasons.includes(error.status.reason ?? ''))) throw error
  }
}
