import { clip, type KubeObject } from '#kube'
import { readRecord, readRecords, readText } from './read-fields.ts'

/** A container as its kubelet last reported it. */
export type ContainerFacts = {
  name: string
  isInit: boolean
  isReady: boolean
  state: 'waiting' | 'running' | 'terminated' | 'unknown'
  reason: string | null
  message: string | null
  exitCode: number | null
  restarts: number
  /** When it began to be so, where the cluster says it. */
  since: string | null
  /** How it ended the last time. */
  last: { reason: string | null; exitCode: number | null; at: string | null } | null
}

/** Of a deployment's pods: what tells why they do not run. */
export type PodDetail = {
  createdAt: string | null
  /** When a node took it. */
  scheduledAt: string | null
  /** The version of the pod template that it was made by; null where its runtime does not tell. */
  revision: string | null
  /** What made it by that template, of several that one deployment may have; null where nobody says. */
  maker: string | null
  isReady: boolean
  isDeleting: boolean
  /** Why no node takes it, in the scheduler's words. */
  unscheduled: { reason: string; message: string } | null
  /** What keeps the scheduler from looking for a node, such as a queue. */
  gates: readonly string[]
  /** Why the kubelet, or who evicted it, ended it as a whole. */
  ended: { reason: string; message: string } | null
  /** Those that prepare it, then that which is meant where none is named, then the others as the pod lists them. */
  containers: readonly ContainerFacts[]
}

const messageLengthMax = 512
const containersMax = 20
const gatesMax = 5

export function readPodDetail(object: KubeObject): PodDetail {
  const metadata = readRecord(object.metadata)
  const labels = readRecord(metadata.labels)
  const status = readRecord(object.status)
  const conditions = readRecords(status.conditions)
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled')
  const reason = readText(status.reason)
  const revision =
    readText(labels['pod-template-hash']) ?? readText(labels['controller-revision-hash'])
  return {
    createdAt: readText(metadata.creationTimestamp),
    scheduledAt: scheduled?.status === 'True' ? readText(scheduled.lastTransitionTime) : null,
    revision,
    maker: readMaker(metadata, revision),
    isReady: conditions.some(({ status: is, type }) => type === 'Ready' && is === 'True'),
    isDeleting: metadata.deletionTimestamp !== undefined,
    unscheduled:
      scheduled?.status === 'False'
        ? {
            reason: readText(scheduled.reason) ?? 'Unschedulable',
            message: readMessage(scheduled.message) ?? '',
          }
        : null,
    gates: readRecords(readRecord(object.spec).schedulingGates)
      .slice(0, gatesMax)
      .flatMap(({ name }) => readText(name) ?? []),
    ended:
      status.phase === 'Failed' && reason !== null
        ? { reason, message: readMessage(status.message) ?? '' }
        : null,
    containers: [
      ...readRecords(status.initContainerStatuses).map((each) => readContainer(each, true)),
      ...orderStatuses(object).map((each) => readContainer(each, false)),
    ].slice(0, containersMax),
  }
}

/** A kubelet reports them by name: what a mesh or an autoscaler put beside the model may come before it. */
function orderStatuses({ metadata, spec, status }: KubeObject): Record<string, unknown>[] {
  const statuses = readRecords(readRecord(status).containerStatuses)
  if (statuses.length < 2) return statuses
  const meant = readRecord(metadata?.['annotations'])['kubectl.kubernetes.io/default-container']
  const names = readRecords(readRecord(spec).containers).map(({ name }) => name)
  const order = [meant, ...names]
  const rankOf = ({ name }: Record<string, unknown>) => {
    const rank = order.indexOf(name)
    return rank === -1 ? order.length : rank
  }
  return statuses.toSorted((a, b) => rankOf(a) - rankOf(b))
}

/** A ReplicaSet is named after its Deployment and the version it is of; Dynamo's workers have a Deployment per version. */
function readMaker(metadata: Record<string, unknown>, revision: string | null): string | null {
  const component = readText(readRecord(metadata.labels)['nvidia.com/dynamo-component'])
  if (component !== null) return component
  const owner = readRecords(metadata.ownerReferences).find(({ controller }) => controller === true)
  const name = readText(owner?.name)
  const suffix = `-${revision}`
  return name?.endsWith(suffix) ? name.slice(0, -suffix.length) : name
}

export function readMessage(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? clip(value, messageLengthMax) : null
}

function readContainer(status: Record<string, unknown>, isInit: boolean): ContainerFacts {
  const states = readRecord(status.state)
  const state = (['waiting', 'running', 'terminated'] as const).find((each) => states[each])
  const now = readRecord(state && states[state])
  const last = readRecord(readRecord(status.lastState).terminated)
  return {
    name: readText(status.name) ?? '',
    isInit,
    isReady: status.ready === true,
    state: state ?? 'unknown',
    reason: readText(now.reason),
    message: readMessage(now.message),
    exitCode: integer(now.exitCode),
    restarts: Math.max(0, integer(status.restartCount) ?? 0),
    since: readText(state === 'terminated' ? now.finishedAt : now.startedAt),
    last:
      Object.keys(last).length === 0
        ? null
        : {
            reason: readText(last.reason),
            exitCode: integer(last.exitCode),
            at: readText(last.finishedAt),
          },
  }
}

function integer(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}
