import type { Untyped } from '../objects.ts'
/** RFC 7386: null removes, objects merge, everything else replaces. Neither input is changed. */
export function applyMergePatch(target: unknown, patch: unknown): Untyped {
  if (!isObject(patch)) return structuredClone(patch)
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = applyMergePatch(merged[key], value)
  }
  return merged
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
