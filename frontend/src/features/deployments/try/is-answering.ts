import type { Deployment } from '@hub/shared'

/** Whether some pod of it answers, whatever else is wrong with it. */
export function isAnswering({
  deletingSince,
  endpoint,
  replicas,
}: Pick<Deployment, 'deletingSince' | 'endpoint' | 'replicas'>): boolean {
  return endpoint !== null && deletingSince === null && (replicas.running ?? replicas.ready) > 0
}
