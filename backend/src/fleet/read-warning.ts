import type { KubeObject } from '#kube'
import { readRecord, readText } from './read-fields.ts'
import { readMessage } from './read-pod-detail.ts'

/** A warning about what belongs to a deployment, that no object's own status tells. */
export type WarningFacts = {
  namespace: string
  about: { kind: string; name: string }
  reason: string
  message: string
  /** When it was last seen, in ms. */
  at: number
}

/** What pods wait for, and why there are none. Whatever else is a warning, a pod's status says too. */
const reasons: ReadonlySet<unknown> = new Set([
  'FailedCreate',
  'FailedMount',
  'FailedAttachVolume',
  'ProvisioningFailed',
])
const kinds: ReadonlySet<unknown> = new Set([
  'Pod',
  'ReplicaSet',
  'StatefulSet',
  'Job',
  'PersistentVolumeClaim',
])

/** An Event as far as it tells why a deployment does not come up; null for all others. */
export function readWarning(object: KubeObject): WarningFacts | null {
  const { firstTimestamp, eventTime, involvedObject, lastTimestamp, reason, series } = object
  if (object.type !== 'Warning' || !reasons.has(reason)) return null
  const about = readRecord(involvedObject)
  const name = readText(about.name)
  const namespace = readText(about.namespace)
  if (name === null || namespace === null || !kinds.has(about.kind)) return null
  const times = [readRecord(series).lastObservedTime, lastTimestamp, eventTime, firstTimestamp]
  const at = times
    .map((time) => (typeof time === 'string' ? Date.parse(time) : Number.NaN))
    .find((time) => !Number.isNaN(time))
  return {
    namespace,
    about: { kind: about.kind as string, name },
    reason: reason as string,
    message: readMessage(object.message) ?? '',
    at: at ?? 0,
  }
}
