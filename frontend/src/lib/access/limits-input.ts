import type { GrantLimits } from '@hub/shared'
import type { FieldErrors } from '../api/field-errors.ts'

/** Limits as they are typed; an empty one is none. */
export interface LimitValues {
  requestsPerMinute: string
  tokensPerDay: string
  gpusAtOnce: string
}

const names = ['requestsPerMinute', 'tokensPerDay', 'gpusAtOnce'] as const

export function toLimitValues(limits: GrantLimits | undefined): LimitValues {
  return {
    requestsPerMinute: String(limits?.requestsPerMinute ?? ''),
    tokensPerDay: String(limits?.tokensPerDay ?? ''),
    gpusAtOnce: String(limits?.gpusAtOnce ?? ''),
  }
}

/** What to send, or what is wrong with which field. */
export function readLimits(
  values: LimitValues,
): { limits?: GrantLimits; errors?: undefined } | { limits?: undefined; errors: FieldErrors } {
  const given = names.filter((name) => values[name].trim() !== '')
  const errors: Record<string, string> = {}
  for (const name of given) {
    const number = Number(values[name])
    if (!Number.isSafeInteger(number) || number < 1) {
      errors[name] = 'must be a whole number, 1 or more; leave it empty for no limit'
    }
  }
  if (Object.keys(errors).length > 0) return { errors }
  if (given.length === 0) return {}
  return { limits: Object.fromEntries(given.map((name) => [name, Number(values[name])])) }
}
