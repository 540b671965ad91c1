import { isRecord } from '#kube'

/** What a JSON merge patch makes of a value (RFC 7386): null takes away, objects merge, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const merged = new Map(isRecord(target) ? Object.entries(target) : [])
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name)
    else if (value !== undefined) merged.set(name, mergePatch(merged.get(name), value))
  }
  return Object.fromEntries(merged)
}

/** What stands where a patch changes something: the same shape, with null for what is not there. */
export function pickPatched(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch) || !isRecord(target)) return target ?? null
  return Object.fromEntries(
    Object.entries(patch)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, pickPatched(ownValue(target, name), value)]),
  )
}

function ownValue(record: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
