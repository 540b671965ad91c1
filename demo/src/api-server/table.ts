import type { KubeObject } from '../objects.ts'
import type { Resource } from './resource.ts'
import type { StoredObject } from './storage.ts'

const nameColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  priority: 0,
}

/** The rows that `kubectl get` prints. */
export function toTable(
  resource: Resource,
  objects: readonly StoredObject[],
  metadata: object,
  query: URLSearchParams,
): object {
  const include = query.get('includeObject') || 'Metadata'
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: [nameColumn, ...resource.columns],
    rows: objects.map(({ object }) => ({
      cells: [object.metadata.name, ...resource.toCells(object)],
      ...(include === 'Object' && { object }),
      ...(include === 'Metadata' && { object: toPartialMetadata(object) }),
    })),
  }
}

export function toPartialMetadata(object: KubeObject): object {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: object.metadata,
  }
}
