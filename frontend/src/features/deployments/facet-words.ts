import type { DeploymentFacets } from '@hub/shared'
import { nameEngine } from './engine.ts'
import type { Facet } from './list-filter.ts'

export const facetNames: Record<Facet, string> = {
  instance: 'Instance',
  namespace: 'Namespace',
  model: 'Model',
  owner: 'Owner',
  gpu: 'GPU',
  engine: 'Engine',
}

/** Where the values of a field are in what the hub says of all. */
export const facetFields = {
  instance: 'instances',
  namespace: 'namespaces',
  model: 'models',
  owner: 'owners',
  gpu: 'gpus',
  engine: 'engines',
} as const satisfies Record<Facet, keyof DeploymentFacets>

const gpuWords: Record<string, string> = { any: 'Any GPU', none: 'No GPU' }

/** What people call a value; `people` are the names by principal. */
export function nameFacetValue(
  facet: Facet,
  value: string,
  people: ReadonlyMap<string, string>,
): string {
  if (facet === 'owner') return value === 'me' ? 'Mine' : (people.get(value) ?? value)
  if (facet === 'engine') return nameEngine(value)
  return facet === 'gpu' ? (gpuWords[value] ?? value) : value
}
