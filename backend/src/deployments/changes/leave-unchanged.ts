import { isDeepStrictEqual } from 'node:util'
import type { DeploymentSpecPatch } from '@hub/shared'
import { isRecord } from '#kube'

/**
 * A patch without what stands there already: a policy has nothing to say of that. Lists are replaced as a whole, so that
 * of an unchanged variable its name alone is left, in its place.
 */
export function leaveUnchanged(patch: DeploymentSpecPatch, spec: unknown): DeploymentSpecPatch {
  const left = prune(patch, spec) ?? {}
  const { env } = patch
  if (!env) return left
  const present = isRecord(spec) && Array.isArray(spec['env']) ? (spec['env'] as unknown[]) : []
  const changed = env.map((variable) =>
    present.some((each) => isDeepStrictEqual(each, variable)) ? { name: variable.name } : variable,
  )
  return { ...left, env: changed }
}

function prune(patch: unknown, present: unknown): unknown {
  if (isDeepStrictEqual(patch, present)) return undefined
  if (!isRecord(patch) || !isRecord(present)) return patch
  const left = Object.entries(patch)
    .map(([name, value]) => [name, prune(value, present[name])] as const)
    .filter(([, value]) => value !== undefined)
  return Object.fromEntries(left)
}
