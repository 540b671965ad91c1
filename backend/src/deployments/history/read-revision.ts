import { isRecord, type KubeObject } from '#kube'
import { digestOf } from '#secrets'
import { showLine } from '#text'

/** The spec that an object has, with when and by what it was last set. */
export type SeenRevision = {
  deploymentUid: string
  generation: number
  at: Date
  manager: string | null
  spec: Record<string, unknown>
}

const managerMax = 200

/** Null of an object that is being deleted, which changes its generation and not its spec, and of none that has both. */
export function readRevision({ metadata, spec }: KubeObject, now: Date): SeenRevision | null {
  if (!isRecord(metadata) || !isRecord(spec)) return null
  const { creationTimestamp, deletionTimestamp, generation, managedFields, uid } = metadata
  if (typeof uid !== 'string' || uid === '' || deletionTimestamp !== undefined) return null
  if (typeof generation !== 'number' || !Number.isSafeInteger(generation) || generation < 1) {
    return null
  }
  const latest = findLatestWriter(managedFields)
  const made = generation === 1 ? readTime(creationTimestamp) : null
  return {
    deploymentUid: uid,
    generation,
    at: made ?? latest?.at ?? now,
    manager: latest?.manager ?? null,
    spec,
  }
}

/** Names a revision, whoever saw it. */
export function revisionIdOf(
  clusterUid: string,
  { deploymentUid, generation }: Pick<SeenRevision, 'deploymentUid' | 'generation'>,
): string {
  return digestOf(JSON.stringify([clusterUid, deploymentUid, generation]))
}

/** Whoever last set something of the spec, and no status (`metadata.managedFields`). */
function findLatestWriter(managedFields: unknown): { manager: string; at: Date } | null {
  if (!Array.isArray(managedFields)) return null
  const writers = managedFields
    .filter(isRecord)
    .flatMap(({ fieldsV1, manager, subresource, time }) => {
      const at = readTime(time)
      const isOfSpec = isRecord(fieldsV1) && 'f:spec' in fieldsV1
      if (subresource || !isOfSpec || at === null || typeof manager !== 'string') return []
      return [{ manager: showLine(manager, managerMax), at }]
    })
  return writers.toSorted((a, b) => b.at.getTime() - a.at.getTime())[0] ?? null
}

function readTime(value: unknown): Date | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? null : new Date(time)
}
