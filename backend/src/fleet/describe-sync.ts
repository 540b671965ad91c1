import { describeFailure, describePartial } from './describe-trouble.ts'
import type { KindState } from './watch-kind.ts'
import type { InstanceWatch } from './watch-instance.ts'

/** `reason` is a sentence for people; with `asOf`, all there was is known as of then. */
export type SyncState =
  | { synced: true; reason: null }
  | { synced: false; reason: string; asOf?: string }

/** Whether all was read once, however long ago. */
export function isComplete(state: KindState | null | undefined): boolean {
  return state?.known === true && state.covered === null
}

/** Whether an instance's deployments are up to date, or those of one namespace, and why not. */
export function describeSync(
  id: string,
  watch: InstanceWatch | undefined,
  namespace: string | undefined,
): SyncState {
  if (!watch) return { synced: false, reason: `There is no instance "${id}".` }
  const { apiGroup, status } = watch.instance()
  switch (status.state) {
    case 'no-crd':
      // Nothing can be deployed there, so nothing is missing from a list.
      return { synced: true, reason: null }
    case 'ready':
    case 'degraded':
      break
    default:
      return {
        synced: false,
        reason: status.reason ?? `Instance "${id}" is being connected. Wait a moment.`,
      }
  }
  const state = watch.stateOf('deployments')
  if (state?.synced) {
    const isCovered =
      state.covered === null || (namespace !== undefined && state.covered.has(namespace))
    if (isCovered) return { synced: true, reason: null }
    return { synced: false, reason: describePartial(id, 'deployments') }
  }
  if (state?.error) {
    return { synced: false, reason: describeFailure(id, 'deployments', state.error) }
  }
  const reading = `The deployments of instance "${id}" are being read. Wait a moment.`
  return { synced: false, reason: apiGroup === null ? (status.reason ?? reading) : reading }
}
