import { NamespaceName, type Condition, type Deployment } from '@hub/shared'
import { apiGroups, clip, isRecord, type ApiGroup, type KubeObject } from '#kube'
import { readAmount, readRecord } from './read-fields.ts'

/** A deployment as everybody who may see it sees it: what one may do with it is added per caller. */
export type FleetDeployment = Omit<Deployment, 'abilities'>

/** What its object alone tells, and the counts of its pods: how it truly is takes more. */
export type ReadDeployment = Omit<FleetDeployment, 'state' | 'sentence'>

/** Who asked the hub for a deployment. Anyone who may write to the cluster may write it too, so it proves nothing. */
export function createdByAnnotation(group: ApiGroup): `${ApiGroup}/created-by` {
  return `${group}/created-by`
}

/** Which of the hub's requests made it, as the audit log names it. As good as proof as the annotation above. */
export function requestIdAnnotation(group: ApiGroup): `${ApiGroup}/request-id` {
  return `${group}/request-id`
}

/** Which template it was deployed from. */
export function templateAnnotation(group: ApiGroup): `${ApiGroup}/template` {
  return `${group}/template`
}

/** Who last asked the hub to change it. As good as proof as the annotations above. */
export function changedByAnnotation(group: ApiGroup): `${ApiGroup}/changed-by` {
  return `${group}/changed-by`
}

const hubNotes = ['created-by', 'request-id', 'changed-by', 'template']

/** What the hub notes on an object for itself, in the words of either group. */
export function isHubAnnotation(key: string): boolean {
  return apiGroups.some((group) => hubNotes.some((note) => key === `${group}/${note}`))
}

const textLengthMax = 4096
const conditionsMax = 50
const noTime = new Date(0).toISOString()

/**
 * A ModelDeployment as the contract has it, whatever the object holds: a missing or odd field becomes null or its
 * default. Null where it has no name to be shown by.
 */
export function readDeployment(
  instance: string,
  group: ApiGroup,
  object: KubeObject,
): ReadDeployment | null {
  const metadata = readRecord(object.metadata)
  const name = text(metadata.name)
  const namespace = NamespaceName.safeParse(metadata.namespace)
  const uid = text(metadata.uid)
  if (name === null || uid === null || !namespace.success) return null
  const spec = readRecord(object.spec)
  const status = readRecord(object.status)
  const model = readRecord(spec.model)
  const servingMode = text(readRecord(spec.serving).mode)
  return {
    instance,
    namespace: namespace.data,
    name,
    uid,
    resourceVersion: text(metadata.resourceVersion) ?? '',
    createdAt: time(metadata.creationTimestamp) ?? noTime,
    createdBy: text(readRecord(metadata.annotations)[createdByAnnotation(group)]),
    deletingSince: time(metadata.deletionTimestamp),
    model: {
      id: text(model.id),
      servedName: text(model.servedName),
      source: text(model.source),
    },
    engine: text(readRecord(status.engine).type) ?? text(readRecord(spec.engine).type),
    runtime: text(readRecord(status.provider).name) ?? text(readRecord(spec.provider).name),
    servingMode,
    gpus: presentGpus(spec, servingMode),
    replicas: presentReplicas(spec, readRecord(status.replicas)),
    phase: text(status.phase),
    message: text(status.message),
    endpoint: presentEndpoint(readRecord(status.endpoint)),
    conditions: readConditions(status.conditions),
  }
}

/** A disaggregated deployment has two kinds of replica; the larger one says what nodes it needs. */
function presentGpus(spec: Record<string, unknown>, mode: string | null): Deployment['gpus'] {
  const scaling = readRecord(spec.scaling)
  const asked =
    mode === 'disaggregated'
      ? [readRecord(readRecord(scaling.prefill).gpu), readRecord(readRecord(scaling.decode).gpu)]
      : [readRecord(readRecord(spec.resources).gpu)]
  return {
    perReplica: Math.max(...asked.map((gpu) => readAmount(gpu.count) ?? 0)),
    type: asked.map((gpu) => text(gpu.type)).find((type) => type !== null) ?? null,
    held: null,
  }
}

/** `desired` is what was asked for: the status follows it later. */
function presentReplicas(
  spec: Record<string, unknown>,
  status: Record<string, unknown>,
): Deployment['replicas'] {
  const halves = readHalves(spec)
  const asked = halves
    ? halves.prefill + halves.decode
    : readAmount(readRecord(spec.scaling).replicas)
  return {
    desired: asked ?? readAmount(status.desired) ?? 1,
    ready: readAmount(status.ready) ?? 0,
    available: readAmount(status.available) ?? 0,
    running: null,
  }
}

/** How many replicas of each kind a disaggregated deployment asks for; null for any other. */
export function readHalves(
  spec: Record<string, unknown>,
): { prefill: number; decode: number } | null {
  if (readRecord(spec.serving).mode !== 'disaggregated') return null
  const { decode, prefill } = readRecord(spec.scaling)
  return {
    prefill: readAmount(readRecord(prefill).replicas) ?? 1,
    decode: readAmount(readRecord(decode).replicas) ?? 1,
  }
}

/** What the pods of a deployment tell beside what its controller wrote. */
export type PodTally = {
  /** Pods that run, ready or on their way out: one that is just starting replaces another perhaps. */
  running: number
  runningGpus: number
  /** Accelerators that its pods hold on nodes, running or not. */
  heldGpus: number
}

/** A deployment with what its pods tell; null where they may not be read. */
export function countPods(deployment: ReadDeployment, tally: PodTally | null): ReadDeployment {
  const { gpus, replicas, servingMode } = deployment
  return {
    ...deployment,
    gpus: { ...gpus, held: tally?.heldGpus ?? null },
    replicas: { ...replicas, running: tally && countRunning(tally, gpus.perReplica, servingMode) },
  }
}

/** A replica may be several pods: where it has accelerators, these tell how many there are. */
function countRunning(tally: PodTally, gpusPerReplica: number, mode: string | null): number | null {
  if (mode === 'disaggregated') return null
  return gpusPerReplica > 0 ? Math.ceil(tally.runningGpus / gpusPerReplica) : tally.running
}

function presentEndpoint(endpoint: Record<string, unknown>): Deployment['endpoint'] {
  const service = text(endpoint.service)
  const port = readAmount(endpoint.port)
  return service === null || port === null ? null : { service, port }
}

/** Those of an object's status, whatever it holds. */
export function readConditions(value: unknown): Condition[] {
  if (!Array.isArray(value)) return []
  return value
    .slice(0, conditionsMax)
    .filter(isRecord)
    .flatMap((condition) => {
      const type = text(condition.type)
      if (type === null) return []
      return [
        {
          type,
          status:
            condition.status === 'True' || condition.status === 'False'
              ? condition.status
              : 'Unknown',
          reason: text(condition.reason) ?? '',
          message: text(condition.message) ?? '',
          lastTransitionTime: time(condition.lastTransitionTime),
        } satisfies Condition,
      ]
    })
}

function text(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null
  return value.length > textLengthMax
    ? `${clip(value, textLengthMax)}…`
    : clip(value, textLengthMax)
}

function time(value: unknown): string | null {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : null
}
