import type { FleetPod } from '../read-pod.ts'
import type { ExplainFacts } from './facts.ts'
import { findTrouble } from './find-trouble.ts'

/** `why` is a sentence for people; null where nothing is known to keep it from running. */
export type ExplainedPod = { pod: FleetPod; why: string | null }

/** Null where pods may not be read. */
export function explainPods(facts: ExplainFacts): ExplainedPod[] | null {
  return (
    facts.live.pods?.map((pod) => {
      const why = findTrouble(pod, facts)?.why ?? null
      return { pod, why: why && `${why.slice(0, 1).toUpperCase()}${why.slice(1)}` }
    }) ?? null
  )
}
