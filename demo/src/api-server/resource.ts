import type { KubeObject } from '../objects.ts'
import type { NameRule } from './object-metadata.ts'
import { qualify } from './status.ts'
import type { FieldError } from './status.ts'
import type { StructuralSchema } from './structural-schema.ts'

type Column = {
  name: string
  type: string
  format?: string
  description?: string
  priority?: number
}

/** One kind of object that the server stores and serves. */
export type Resource = {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly singular: string
  readonly kind: string
  readonly listKind: string
  readonly namespaced: boolean
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly nameRule: NameRule
  readonly hasStatus: boolean
  /** Subresources besides `status`, for discovery. */
  readonly subresources: readonly DiscoveredSubresource[]
  readonly selectableFields: Readonly<Record<string, (object: KubeObject) => string>>
  readonly isDeletable: boolean
  /** A delete answers with the object, where others answer with a Status. */
  readonly returnsDeletedObject: boolean
  readonly columns: readonly Column[]
  readonly toCells: (object: KubeObject) => unknown[]
  /** Fills in what Kubernetes fills in at creation. */
  readonly prepareCreate: (object: KubeObject) => void
  readonly validate: (object: KubeObject) => FieldError[]
  readonly validateUpdate: (next: KubeObject, previous: KubeObject) => FieldError[]
  /** Seconds until the object is gone after a delete without its own grace period; 0 is at once. */
  readonly graceSeconds: (object: KubeObject) => number
  /** Set for custom resources. */
  readonly custom: CustomResource | undefined
}

type CustomResource = { readonly schema: StructuralSchema }

type DiscoveredSubresource = {
  name: string
  kind: string
  verbs: readonly string[]
  group?: string
  version?: string
}

/** Where the objects of a resource are stored. */
export function collectionOf(resource: { group: string; plural: string }): string {
  return qualify(resource.plural, resource.group)
}

export function apiVersionOf(resource: { group: string; version: string }): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
}

/** How long ago, as kubectl prints it: `45s`, `3m10s`, `5h`, `2d`. */
export function formatAge(timestamp: string | undefined): string {
  if (timestamp === undefined) return '<unknown>'
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(timestamp)) / 1000))
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (seconds < 120) return `${seconds}s`
  if (minutes < 10) return `${minutes}m${seconds % 60 ? `${seconds % 60}s` : ''}`
  if (hours < 3) return `${minutes}m`
  if (hours < 8) return `${hours}h${minutes % 60 ? `${minutes % 60}m` : ''}`
  if (hours < 48) return `${hours}h`
  return `${Math.floor(hours / 24)}d`
}
