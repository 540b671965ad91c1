import type { Draft } from '../editor/draft.ts'
import { readKeptDraft } from '../editor/kept-draft.ts'
import type { WrittenDraft } from '../editor/use-draft.ts'

/** Whose draft it is, so that nobody who signs in later in the same tab reads it. */
export interface DraftKey {
  person: string
  instance: string
}

export interface DeployPlace {
  instance: string
  namespace: string
}

/** All that was written for a deployment. */
export interface DeployDraft extends WrittenDraft {
  /** The id of the one that it started from. */
  template: string | null
  /** Where it goes besides. */
  others: readonly DeployPlace[]
}

/** Another one than before: what is kept is read only by those who know it. */
export function keyOfDraft({ person, instance }: DraftKey): string {
  return `hub-deploy-draft-2:${person}:${instance}`
}

/** What was written for this instance before; whatever keeps one by such a key keeps all of it. */
export function readDeployDraft(key: string): DeployDraft | null {
  return readKeptDraft(key) as DeployDraft | null
}

/** What every deployment begins with. */
export function beginDraft(apiGroup: string | null, namespace: string | undefined): Draft {
  return {
    apiVersion: `${apiGroup ?? 'airunway.ai'}/v1alpha1`,
    kind: 'ModelDeployment',
    metadata: { name: '', namespace: namespace ?? '' },
    spec: { model: { id: '' }, scaling: { replicas: 1 }, resources: { gpu: { count: 1 } } },
  }
}
