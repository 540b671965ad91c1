import type { FleetDeployment } from '#fleet'

/** What people call it: the name that it is served under, and the model's own. */
export function namesOf({ model }: Pick<FleetDeployment, 'model'>): Set<string> {
  return new Set([model.servedName, model.id].filter((name) => name !== null))
}

/** Its own name over all instances, always unique. */
export function keyOf({
  instance,
  name,
  namespace,
}: Pick<FleetDeployment, 'instance' | 'namespace' | 'name'>): string {
  return `${instance}/${namespace}/${name}`
}

/** Every name that it may be asked for by. */
export function allNamesOf(deployment: FleetDeployment): string[] {
  return [keyOf(deployment), ...namesOf(deployment)]
}

/** Whatever else is wrong with it: some pod answers. */
export function isReady({ deletingSince, endpoint, replicas }: FleetDeployment): boolean {
  return endpoint !== null && deletingSince === null && (replicas.running ?? replicas.ready) > 0
}
