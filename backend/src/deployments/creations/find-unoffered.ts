import type { DeploymentSpec, FieldError, Runtime } from '@hub/shared'

type Asked = Pick<Partial<DeploymentSpec>, 'engine' | 'provider'>

/** What a spec names that no runtime of the instance offers. Pointers begin at the spec. Null runtimes are not known. */
export function findUnoffered(
  { engine, provider }: Asked,
  runtimes: readonly Runtime[] | null,
): FieldError[] {
  // Where none is registered yet, it waits for one.
  if (runtimes === null || runtimes.length === 0) return []
  const chosen = provider?.name
  const candidates = chosen ? runtimes.filter(({ name }) => name === chosen) : runtimes
  if (candidates.length === 0) {
    const detail = `is no runtime of this instance, which has ${list(runtimes.map(({ name }) => name))}`
    return [{ pointer: '/provider/name', detail }]
  }
  const wanted = engine?.type
  const offered = [...new Set(candidates.flatMap(({ engines }) => engines))]
  // One that names none may serve any.
  const isOpen = candidates.some(({ engines }) => engines.length === 0)
  if (!wanted || isOpen || offered.includes(wanted)) return []
  const who = chosen ? `runtime ${chosen} on this instance, which has` : 'this instance, which has'
  return [{ pointer: '/engine/type', detail: `is no engine of ${who} ${list(offered)}` }]
}

/** What is no fault, and keeps it waiting. */
export function describeUnready(
  { provider }: Asked,
  runtimes: readonly Runtime[] | null,
): string[] {
  if (runtimes === null) return []
  if (runtimes.length === 0) {
    return ['No runtime is registered on this instance: it waits until one is.']
  }
  const chosen = runtimes.find(({ name }) => name === provider?.name)
  if (!chosen || (chosen.isReady && !chosen.isStale)) return []
  return [`Runtime ${chosen.name} does not report that it is ready: it may wait for it.`]
}

function list(names: readonly string[]): string {
  return names.toSorted().join(', ')
}
