import type { DeploymentManifest } from '@hub/shared'
import { isFields } from '../editor/draft.ts'
import { readKeptDraft } from '../editor/kept-draft.ts'
import type { WrittenDraft } from '../editor/use-draft.ts'
import type { DeploymentCoordinates } from '../queries.ts'

/** An edit that is not sent yet, with what it is made of: what others changed since is found out by it. */
export interface KeptEdit extends WrittenDraft {
  base: DeploymentManifest
}

/** Whose edit it is, of which deployment. */
export function keyOfEdit(
  person: string,
  { instance, name, namespace }: DeploymentCoordinates,
): string {
  return `hub-edit-draft-1:${person}:${instance}/${namespace}/${name}`
}

export function readKeptEdit(person: string, at: DeploymentCoordinates): KeptEdit | null {
  const kept = readKeptDraft(keyOfEdit(person, at)) as KeptEdit | null
  return isFields(kept?.base) && isFields(kept.base.manifest) ? kept : null
}
