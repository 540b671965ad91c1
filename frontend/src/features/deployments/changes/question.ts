import type { DeploymentChange, DeploymentPatch } from '@hub/shared'
import type { Question } from '../editor/use-check.ts'
import type { DeploymentCoordinates } from '../queries.ts'
import { tryChange } from './queries.ts'

/** Whether the cluster would take a change of this version, and what it would make of it. */
export function questionOfChange(
  at: DeploymentCoordinates,
  version: string,
  patch: DeploymentPatch | null,
): Question<DeploymentChange> {
  const { instance, name, namespace } = at
  return {
    key: [instance, namespace, name, version, patch],
    ask: (signal) => tryChange(at, { patch: patch ?? {}, version }, signal),
  }
}
