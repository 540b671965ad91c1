import type { Instance, InstanceState } from '@hub/shared'

/** Why what is deployed there is shown as it was last known, and since when; null where it is as it is. */
export function describeLastKnown({
  heardAt,
  id,
  isCurrent,
  status,
}: Instance): { reason: string; heardAt: string | null } | null {
  if (isCurrent) return null
  return { reason: status.reason ?? `Instance "${id}" is not responding at the moment.`, heardAt }
}

/** Whether the person may deploy there, and there is an API to deploy by: not while it rests, for example. */
export function canDeployOn({ abilities, apiGroup }: Instance): boolean {
  return abilities.deploy && apiGroup !== null
}

/** "6 instances: 4 ready, 2 need attention" */
export function summarizeInstances(instances: readonly Instance[]): string {
  const count = (states: readonly InstanceState[]) =>
    instances.filter((instance) => states.includes(instance.status.state)).length
  const ready = count(['ready'])
  const connecting = count(['connecting'])
  const attention = instances.length - ready - connecting
  const parts = [
    ready > 0 && `${ready} ready`,
    connecting > 0 && `${connecting} connecting`,
    attention > 0 && `${attention} ${attention === 1 ? 'needs' : 'need'} attention`,
  ].filter((part) => part !== false)
  return `${instances.length} ${instances.length === 1 ? 'instance' : 'instances'}: ${parts.join(', ')}`
}
