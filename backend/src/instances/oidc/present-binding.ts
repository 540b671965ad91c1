import type { ClusterBinding } from '@hub/shared'
import { createdByAnnotation, readRecord, readRecords } from '#fleet'
import type { KubeObject } from '#kube'

const managedBy = 'app.kubernetes.io/managed-by'
const hubName = 'kubeairunway-hub'
const creator = createdByAnnotation('airunway.ai')

/** Selects what the hub made. */
export const ownLabel = `${managedBy}=${hubName}`

/** What says of a binding that the hub made it, and for whom. */
export function describeOrigin(principal: string) {
  return { labels: { [managedBy]: hubName }, annotations: { [creator]: principal } }
}

export function isLabelled(object: KubeObject): boolean {
  return readRecord(metadataOf(object)['labels'])[managedBy] === hubName
}

/** A binding as its cluster has it; rbac.authorization.k8s.io/v1. */
export function presentBinding(object: KubeObject): ClusterBinding {
  const { roleRef, subjects } = object as KubeObject & Record<string, unknown>
  const metadata = metadataOf(object)
  const ref = readRecord(roleRef)
  return {
    name: textOf(metadata['name']) ?? '',
    namespace: textOf(metadata['namespace']),
    role: textOf(ref['name']) ?? '',
    roleKind: ref['kind'] === 'Role' ? 'Role' : 'ClusterRole',
    subjects: readRecords(subjects).map(({ kind, name }) => ({
      kind: textOf(kind) ?? '',
      name: textOf(name) ?? '',
    })),
    createdAt: textOf(metadata['creationTimestamp']),
    createdBy: textOf(readRecord(metadata['annotations'])[creator]),
  }
}

function metadataOf({ metadata }: KubeObject): Record<string, unknown> {
  return readRecord(metadata)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
