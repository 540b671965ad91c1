import { clip, type KubeObject } from '#kube'
import { readRecord, readRecords, readText } from './read-fields.ts'

/** A ResourceQuota, as the cluster last counted. */
export type QuotaFacts = {
  namespace: string
  name: string
  /** It counts only some of what is in the namespace, such as pods of one priority. */
  isScoped: boolean
  limits: readonly { resource: string; hard: string; used: string }[]
}

const limitsMax = 32

/** Null where it has no name. */
export function readQuota(object: KubeObject): QuotaFacts | null {
  const metadata = readRecord(object.metadata)
  const name = readText(metadata.name)
  const namespace = readText(metadata.namespace)
  if (name === null || namespace === null) return null
  const spec = readRecord(object.spec)
  const hasScopes = Array.isArray(spec.scopes) && spec.scopes.length > 0
  const status = readRecord(object.status)
  const used = readRecord(status.used)
  return {
    namespace,
    name,
    isScoped: readRecords(readRecord(spec.scopeSelector).matchExpressions).length > 0 || hasScopes,
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
