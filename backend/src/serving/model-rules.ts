/** Which models may be used at all, by whomever. */
export type ModelRules = {
  /** Of one model, by all of its names. */
  allow(names: Iterable<string>): boolean
}

/** Of `ALLOWED_MODELS`, where it names any, else of `DISALLOWED_MODELS`. */
export function createModelRules(options: {
  allowed: readonly string[]
  disallowed: readonly string[]
}): ModelRules {
  const [allowed, disallowed] = [new Set(options.allowed), new Set(options.disallowed)]
  return {
    allow: (names) => {
      const all = [...names]
      return allowed.size > 0
        ? all.some((name) => allowed.has(name))
        : !all.some((name) => disallowed.has(name))
    },
  }
}
