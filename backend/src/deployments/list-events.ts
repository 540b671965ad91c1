import type { DeploymentEvents } from '@hub/shared'
import type { RequestContext } from '#context'
import type { DeploymentCoordinates, DeploymentDeps } from './deps.ts'
import { getDeployment } from './get.ts'
import { groupEvents } from './group-events.ts'
import { openDeployments } from './open-deployments.ts'

/** What runtimes name after the deployment that they make it of. */
const ownKinds: ReadonlySet<string> = new Set([
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'Job',
  'PersistentVolumeClaim',
  'Workspace',
  'DynamoGraphDeployment',
  'RayService',
  'RayCluster',
  'Service',
])
const generated = /^-[bcdfghjklmnpqrstvwxz2456789]{5,10}(?:-[a-z0-9]{5})?$/
const ordinal = /^-\d{1,4}$/
const parts =
  /^-(?:decode|prefill|frontend|epp|vllm(?:prefill|decode)?worker|model-download|raycluster-[a-z0-9]+)(?:-|$)/

/**
 * The events about a deployment and what was made of it, asked of the cluster as the caller. Throws what `getDeployment`
 * and `openDeployments` throw, and what the cluster's failures map to.
 */
export async function listEvents(
  ctx: RequestContext,
  deps: DeploymentDeps,
  at: DeploymentCoordinates,
): Promise<DeploymentEvents> {
  const { instance, name, namespace, uid } = getDeployment(ctx, deps, at)
  const { allEvents } = openDeployments(ctx, deps, 'deployment.view', at)
  const { events, isCut } = await allEvents()
  const longer = deps.fleet
    .namespaces(instance)
    .filter((each) => each.namespace === namespace)
    .flatMap(({ entries }) => entries.map(({ deployment }) => deployment.name))
    .filter((each) => each.startsWith(`${name}-`))
  const podNames = new Set(
    deps.fleet.pods({ instance, namespace, deployment: name }).map((pod) => pod.name),
  )
  /** "llama-chat-5f6d8" may be of "llama" or of "llama-chat": it is of whoever has the longer name. */
  const isOwnName = (of: string) =>
    of === name ||
    (of.startsWith(`${name}-`) &&
      !longer.some((other) => of === other || of.startsWith(`${other}-`)))
  /** Of a pod that is gone: by its name, as Kubernetes makes these. */
  const isMadeOf = (pod: string) => {
    const rest = pod.slice(name.length)
    return isOwnName(pod) && [parts, generated, ordinal].some((made) => made.test(rest))
  }
  const grouped = groupEvents(events, (about) => {
    if (about.kind === 'ModelDeployment') return about.name === name && about.uid === uid
    if (about.kind === 'Pod') return podNames.has(about.name) || isMadeOf(about.name)
    return ownKinds.has(about.kind) && isOwnName(about.name)
  })
  return { items: grouped.items, more: isCut || grouped.isCut }
}
