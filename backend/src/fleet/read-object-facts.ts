import { apiGroups, clip, type KubeObject } from '#kube'
import { readHalves } from './read-deployment.ts'
import { readAmount, readRecord, readRecords, readText } from './read-fields.ts'

/** What of a ModelDeployment tells how it is, and nobody is shown as such. */
export type ObjectFacts = {
  generation: number | null
  observedGeneration: number | null
  finalizers: readonly string[]
  /** Its controllers were told to leave it alone. */
  isPaused: boolean
  /** The Secret with the token for gated models. */
  tokenSecret: string | null
  /** When what is asked for was last changed, in ms; null where the cluster does not say. */
  changedAt: number | null
  /** How many of each half are asked for; null for what is not disaggregated. */
  halves: { prefill: number; decode: number } | null
  /** How many replicas its controller last counted as ready; of halves that may be one of them alone. */
  ready: number
}

const finalizersMax = 20

export function readObjectFacts(object: KubeObject): ObjectFacts {
  const metadata = readRecord(object.metadata)
  const annotations = readRecord(metadata.annotations)
  const spec = readRecord(object.spec)
  const status = readRecord(object.status)
  const finalizers = Array.isArray(metadata.finalizers) ? metadata.finalizers : []
  return {
    generation: number(metadata.generation),
    observedGeneration: number(status.observedGeneration),
    finalizers: finalizers
      .slice(0, finalizersMax)
      .flatMap((each: unknown) => (typeof each === 'string' ? clip(each, 253) : [])),
    isPaused: apiGroups.some((group) => annotations[`${group}/reconcile-paused`] === 'true'),
    tokenSecret: readText(readRecord(spec.secrets).huggingFaceToken),
    changedAt: changedAt(metadata),
    halves: readHalves(spec),
    ready: readAmount(readRecord(status.replicas).ready) ?? 0,
  }
}

/** Every writer of something besides the status leaves the time. */
function changedAt(metadata: Record<string, unknown>): number | null {
  const times = [
    metadata.creationTimestamp,
    ...readRecords(metadata.managedFields)
      .filter(({ subresource }) => subresource !== 'status')
      .map(({ time }) => time),
  ]
    .map((time) => (typeof time === 'string' ? Date.parse(time) : Number.NaN))
    .filter((time) => !Number.isNaN(time))
  return times.length === 0 ? null : Math.max(...times)
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}
