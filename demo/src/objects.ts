/**
 * What a Kubernetes object holds below its metadata: as many shapes as there are kinds. Whoever
 * reads it knows the kind; what comes over the wire has been checked against a schema.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- one name for all of it, so that it can be found
export type Untyped = any

/** Any Kubernetes object: typed where all objects agree, open where they differ. */
export type KubeObject = { apiVersion?: string; kind?: string; metadata: KubeMetadata } & Record<
  string,
  Untyped
>

export type KubeMetadata = {
  name: string
  generateName?: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  ownerReferences?: OwnerReference[]
}

export type OwnerReference = {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

/** The Kubernetes Status object: what every refusal looks like. */
export type KubeStatus = {
  kind: 'Status'
  apiVersion?: 'v1'
  metadata?: { continue?: string; resourceVersion?: string }
  status?: 'Success' | 'Failure'
  message?: string
  reason?: string
  details?: KubeStatusDetails
  code: number
}

export type KubeStatusDetails = {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: KubeStatusCause[]
  retryAfterSeconds?: number
}

export type KubeStatusCause = { reason: string; message: string; field?: string }

export type WatchEvent = {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: Untyped
}
