import { engines, type Runtime } from '@hub/shared'
import { engineNames, nameEngine } from '../engine.ts'
import type { Choice } from './fields.tsx'

const knownRuntimes = ['dynamo', 'kaito', 'kuberay', 'llmd', 'vllm']

/** The runtimes of an instance; all that are known where it does not tell. */
export function offerRuntimes(runtimes: readonly Runtime[] | null): Choice[] {
  if (runtimes === null) return knownRuntimes.map((name) => ({ value: name, label: name }))
  return runtimes.map(({ displayName, isReady, name }) => ({
    value: name,
    label: `${displayName}${isReady ? '' : ' (not ready)'}`,
  }))
}

/** The engines of a runtime, or of all that the instance has. */
export function offerEngines(runtimes: readonly Runtime[] | null, runtime: unknown): Choice[] {
  const named = runtimes?.filter(({ name }) => name === runtime) ?? []
  const has = (named.length > 0 ? named : (runtimes ?? [])).flatMap((each) => each.engines)
  // A runtime that does not say which engines it has may have any.
  if (has.length === 0) {
    return engines.map((value) => ({ value, label: engineNames[value] }))
  }
  return [...new Set(has)].map((value) => ({ value, label: nameEngine(value) }))
}
