import { clip, isRecord } from '#kube'

/** The longest name that Kubernetes has, a DNS subdomain; whatever a cluster writes, no more is kept of it. */
const nameLengthMax = 253

/** What stands where an object should: one without members where there is none. */
export function readRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

/** The objects of what should be a list of them. */
export function readRecords(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** A text that is not empty, clipped; else null. */
export function readText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? clip(value, nameLengthMax) : null
}

/** A whole number of something; null for what is none. */
export function readAmount(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}
