import type { ChangeDeploymentsInput, Deployment } from '@hub/shared'

type Action = ChangeDeploymentsInput['action']

export const actionLabels: Record<Action, string> = {
  scale: 'Scale',
  restart: 'Restart',
  pause: 'Pause',
  resume: 'Resume',
  delete: 'Delete',
}

/** What is said of one that is done. */
export const doneWords: Record<Action, string> = {
  scale: 'Scaled.',
  restart: 'Restarts.',
  pause: 'Paused.',
  resume: 'Resumed.',
  delete: 'Is being deleted.',
}

/** What a change means for all of them. */
export const meanings: Record<Action, string> = {
  scale: 'All of them get this number of replicas.',
  restart:
    'Their replicas are replaced by new ones. Those with a single replica may not answer in the meantime.',
  pause: 'Their controllers leave them alone: what runs keeps running, and keeps its GPUs.',
  resume: 'Their controllers manage them again.',
  delete: 'They stop answering, and their replicas and GPUs are freed. This cannot be undone.',
}

/** Those of a selection that somebody may change so. */
export function listAllowed(selected: readonly Deployment[], action: Action): Deployment[] {
  return selected.filter(({ abilities }) =>
    action === 'delete' ? abilities.delete : abilities.update,
  )
}

/** "Delete 3 deployments" */
export function nameBulk(action: Action, count: number): string {
  return `${actionLabels[action]} ${count} ${count === 1 ? 'deployment' : 'deployments'}`
}
