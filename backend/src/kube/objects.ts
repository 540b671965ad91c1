import { showText } from '#text'

/** What the hub relies on in any Kubernetes object. Everything else is read defensively: a CRD may hold anything. */
export type KubeObject = {
  apiVersion?: string
  kind?: string
  metadata?: KubeMetadata
  [field: string]: unknown
}

export type KubeMetadata = {
  name?: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  [field: string]: unknown
}

export type KubeList = {
  metadata?: { resourceVersion?: string; continue?: string }
  items?: KubeObject[] | null
}

export type WatchEvent = {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: KubeObject
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The beginning of a cluster's text, as it can be shown. What is merely sliced off keeps all of the long one in memory for as
 * long as it is kept.
 */
export function clip(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return showText(text)
  return showText(Buffer.from(text.slice(0, lengthMax), 'utf16le').toString('utf16le'))
}
