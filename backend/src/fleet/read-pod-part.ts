import { readText } from './read-fields.ts'

/** What a pod is in its deployment: of one half of a disaggregated one, or beside its replicas, serving no model itself. */
export type PodPart = 'prefill' | 'decode' | 'helper'

const helpers: ReadonlySet<string | null> = new Set(['frontend', 'epp', 'planner'])

/** By the labels of Dynamo, KubeRay and llm-d; null for a replica, or part of one, of what is not disaggregated. */
export function readPodPart(
  labels: Record<string, unknown>,
  deployment: string | null,
): PodPart | null {
  const component = readText(labels['nvidia.com/dynamo-component-type'])
  if (helpers.has(component) || labels['ray.io/node-type'] === 'head') return 'helper'
  const names = [
    component,
    readText(labels['nvidia.com/dynamo-sub-component-type']),
    readText(labels['ray.io/group'])?.replace(/-workers$/, ''),
  ]
  return (
    (['prefill', 'decode'] as const).find(
      (part) => names.includes(part) || labels.app === `${deployment}-${part}`,
    ) ?? null
  )
}
