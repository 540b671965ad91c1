import type { Permission } from '@hub/shared'
import { askAsCaller } from '#clusters'
import type { RequestContext } from '#context'
import { requireCluster, type ReadyCluster } from '#instances'
import type { Intake, KubeList, KubeObject, KubePath, KubeRequest, KubeResponse } from '#kube'
import type { DeploymentDeps } from './deps.ts'
import {
  collectionPath,
  eventsPath,
  logPath,
  namedPath,
  objectPath,
  podsPath,
  selectField,
} from './paths.ts'

/** `onSend` is told when the change begins to be written: from then on it may happen, whatever comes back. */
type Change = Pick<KubeRequest, 'onSend'> & { dryRun?: boolean }

type LogOptions = {
  container?: string
  /** Goes on with what is written from now on. */
  follow?: boolean
  /** Of the container before the latest restart. */
  previous?: boolean
  tailLines?: number
  sinceSeconds?: number
  /** RFC 3339. */
  sinceTime?: string
  timestamps?: boolean
  limitBytes?: number
  /** Ends it; the caller's going does so anyway, unless others read on. */
  signal?: AbortSignal
  /** Others as whom the cluster sees the same person read it too. */
  isShared?: boolean
}

/**
 * The ModelDeployments of one namespace, asked and changed as the caller. Whatever fails there is an `AppError` with one
 * of the codes that `clusterProblems` lists, or `not-found`, `conflict` or `deployment-…`; its `cause` is the cluster's
 * own error. A principal that no cluster can take is `forbidden`.
 */
export type Deployments = {
  readonly cluster: ReadyCluster
  /** As whom the cluster is asked: who has the same is the same to it. */
  asWhom(): string
  /** As the cluster has it now; null where there is none. */
  get(name: string): Promise<KubeObject | null>
  /** Whether a thing of the namespace is there; null where the caller may not look. Nothing of what it holds comes. */
  exists(resource: 'secrets' | 'persistentvolumeclaims', name: string): Promise<boolean | null>
  /** Another object of the namespace, at its path; null where there is none. */
  find(path: KubePath): Promise<KubeObject | null>
  list(query?: { labelSelector?: string; limit?: number; continue?: string }): Promise<KubeList>
  create(manifest: object, change?: Change): Promise<KubeResponse<KubeObject>>
  /** A JSON merge patch (RFC 7386); one that holds a `resourceVersion` changes nothing but that version. */
  patch(name: string, patch: object, change?: Change): Promise<KubeResponse<KubeObject>>
  /** The one with this uid, and no other that took its name. */
  delete(name: string, uid: string, change?: Change): Promise<KubeResponse<KubeObject>>
  /** Latest events about one object of the namespace: a deployment by default. */
  events(about: { kind?: string; name: string; uid?: string }): Promise<KubeObject[]>
  /** All of the namespace, as far as they are read. */
  allEvents(): Promise<{ events: KubeObject[]; isCut: boolean }>
  /** Fails where this caller may not list the pods of the namespace. */
  checkPods(): Promise<void>
  /** The log of a pod, byte by byte, until it or the caller ends it. */
  logs(pod: string, options?: LogOptions): Promise<Intake>
}

const changing: ReadonlySet<Permission> = new Set([
  'deployment.create',
  'deployment.update',
  'deployment.delete',
])

const eventsMax = 500
const eventPagesMax = 10
/** A log that is not followed and says nothing for so long is not going to end. */
const logIdleMs = 15_000

/** For whoever may (`permission`), on a cluster that takes ModelDeployments. Throws what `requireCluster` throws. */
export function openDeployments(
  ctx: RequestContext,
  deps: DeploymentDeps,
  permission: Permission,
  scope: { instance: string; namespace: string },
): Deployments {
  const cluster = requireCluster(ctx, deps, permission, scope)
  const { apiGroup } = cluster
  const { namespace } = scope
  const isChange = changing.has(permission)
  const asking = askAsCaller(ctx, cluster, { namespace, isChange })
  const { asWhom, change, find, open, read } = asking

  return {
    cluster,
    asWhom,
    get: (name) => find(objectPath(apiGroup, namespace, name)),
    find,
    exists: (resource, name) => asking.exists(namedPath(namespace, resource, name), name),
    list: (query = {}) => read({ path: collectionPath(apiGroup, namespace), query }),
    create: (manifest, { dryRun, ...sending } = {}) =>
      change({
        method: 'POST',
        path: collectionPath(apiGroup, namespace),
        query: describeWrite(dryRun),
        body: manifest,
        ...sending,
      }),
    patch: (name, patch, { dryRun, ...sending } = {}) =>
      change({
        method: 'PATCH',
        path: objectPath(apiGroup, namespace, name),
        query: describeWrite(dryRun),
        contentType: 'application/merge-patch+json',
        body: patch,
        ...sending,
      }),
    delete: (name, uid, { dryRun = false, ...sending } = {}) =>
      change({
        method: 'DELETE',
        path: objectPath(apiGroup, namespace, name),
        body: {
          kind: 'DeleteOptions',
          apiVersion: 'v1',
          preconditions: { uid },
          ...(dryRun && { dryRun: ['All'] }),
        },
        ...sending,
      }),
    events: async ({ kind = 'ModelDeployment', name, uid }) => {
      const fields = { kind, name, ...(uid !== undefined && { uid }) }
      const fieldSelector = Object.entries(fields)
        .map(([field, value]) => selectField(`involvedObject.${field}`, value))
        .join(',')
      const query = { fieldSelector, limit: eventsMax }
      return (await read<KubeList>({ path: eventsPath(namespace), query })).items ?? []
    },
    allEvents: () => readAllEvents(read, namespace),
    checkPods: async () => {
      await read({ path: podsPath(namespace), query: { limit: 1 } })
    },
    logs: async (pod, { isShared, signal, ...query } = {}) => {
      const { intake } = await open({
        method: 'GET',
        path: logPath(namespace, pod),
        query,
        headers: { accept: '*/*' },
        ...(signal && { signal }),
        ...(isShared && { isDetached: true }),
        ...(!query.follow && { idleTimeoutMs: logIdleMs }),
      })
      return intake
    },
  }
}

async function readAllEvents(
  read: ReturnType<typeof askAsCaller>['read'],
  namespace: string,
): Promise<{ events: KubeObject[]; isCut: boolean }> {
  const events: KubeObject[] = []
  let next: string | undefined
  for (let page = 0; page < eventPagesMax; page += 1) {
    const query = { limit: eventsMax, continue: next }
    const list = await read<KubeList>({ path: eventsPath(namespace), query })
    events.push(...(list.items ?? []))
    next = list.metadata?.continue || undefined
    if (next === undefined) break
  }
  return { events, isCut: next !== undefined }
}

function describeWrite(dryRun: boolean = false) {
  return {
    fieldManager: 'kubeairunway-hub',
    // A field that this cluster's CRD does not know would else be dropped in silence.
    fieldValidation: 'Strict',
    dryRun: dryRun ? 'All' : undefined,
  }
}
