import { isRecord } from '#kube'

/**
 * The same without the values of variables, wherever there is a list of them, those of a runtime's own object included:
 * some hold what should have been a secret.
 */
export function maskVariables<T>(value: T): T {
  return mask(value) as T
}

function mask(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => maskVariable(mask(item)))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mask(inner)]))
}

/** core/v1 EnvVar, and whatever else is a name and its value. */
function maskVariable(item: unknown): unknown {
  if (!isRecord(item) || typeof item['name'] !== 'string' || !('value' in item)) return item
  const { value: _, ...rest } = item
  return rest
}
