import { clip, type KubeObject } from '#kube'
import { readRecord, readText } from './read-fields.ts'

/** A ResourceQuota, as the cluster last counted. */
export type QuotaFacts = {
  namespace: string
  name: string
  limits: readonly { resource: string; hard: string; used: string }[]
}

const limitsMax = 32

/** Null where it has no name. */
export function readQuota(object: KubeObject): QuotaFacts | null {
  const metadata = readRecord(object.metadata)
  const name = readText(metadata.name)
  const namespace = readText(metadata.namespace)
  if (name === null || namespace === null) return null
  const status = readRecord(object.status)
  const used = readRecord(status.used)
  return {
    namespace,
    name,
    limits: Object.entries(readRecord(status.hard))
      .slice(0, limitsMax)
      .map(([resource, hard]) => ({
        resource: clip(resource, 317),
        hard: amount(hard),
        used: amount(used[resource]),
      })),
  }
}

function amount(value: unknown): string {
  return typeof value === 'number' ? String(value) : (readText(value) ?? '0')
}
