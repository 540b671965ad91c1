const factors: Record<string, number> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** A Kubernetes quantity such as `500m`, `64Gi` or `1e3`; undefined when it is none. */
export function parseQuantity(quantity: string | number): number | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([a-zA-Z]{0,2}))$/.exec(
    String(quantity),
  )
  if (!match) return undefined
  const [, digits, exponent, suffix = ''] = match
  if (exponent !== undefined) return Number(`${digits}e${exponent}`)
  const factor = factors[suffix]
  return factor === undefined ? undefined : Number(digits) * factor
}
