/** More than any cluster has; sums of them stay whole numbers. */
const countMax = 1e12
const digitsMax = 40

const decimal: Record<string, number> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}
const binary: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d{1,3})|([a-zA-Z]{0,2}))$/

/**
 * A Kubernetes quantity as a whole number, rounded up as `resource.Quantity` does: `8000m` is 8, `.5k` 500, `1e3` 1000.
 * Null for what is none. Exact, because a floating sum of thousandths would round up to one too many.
 */
export function readQuantity(value: unknown): number | null {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || text.length > digitsMax) return null
  const [match, sign, whole = '', fraction = '', exponent, suffix = ''] = pattern.exec(text) ?? []
  if (match === undefined || whole + fraction === '') return null
  const bits = binary[suffix] ?? 0
  const power = exponent === undefined ? decimal[suffix] : Number(exponent.slice(1))
  if (power === undefined && bits === 0) return null
  const tens = (power ?? 0) - fraction.length
  if (Math.abs(tens) > 2 * digitsMax) return tens > 0 && Number(whole + fraction) > 0 ? countMax : 0
  const numerator = BigInt(whole + fraction) * 2n ** BigInt(bits) * 10n ** BigInt(Math.max(0, tens))
  const denominator = 10n ** BigInt(Math.max(0, -tens))
  const magnitude = Number((numerator + denominator - 1n) / denominator)
  return sign === '-' ? -Math.min(magnitude, countMax) : Math.min(magnitude, countMax)
}

/** As a count: 0 for what is none or less than nothing. */
export function readCount(value: unknown): number {
  return Math.max(0, readQuantity(value) ?? 0)
}

/** A quantity of bytes in MiB. */
export function readMebibytes(value: unknown): number | null {
  const bytes = readQuantity(value)
  return bytes === null || bytes < 0 ? null : Math.round(bytes / 2 ** 20)
}
