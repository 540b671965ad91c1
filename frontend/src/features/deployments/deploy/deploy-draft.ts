import type { Draft } from '../editor/draft.ts'
import { isFields } from '../editor/draft.ts'
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
const keyOf = ({ person, instance }: DraftKey) => `hub-deploy-draft-2:${person}:${instance}`

/** What every deployment begins with. */
export function beginDraft(apiGroup: string | null, namespace: string | undefined): Draft {
  return {
    apiVersion: `${apiGroup ?? 'airunway.ai'}/v1alpha1`,
    kind: 'ModelDeployment',
    metadata: { name: '', namespace: namespace ?? '' },
    spec: { model: { id: '' }, scaling: { replicas: 1 }, resources: { gpu: { count: 1 } } },
  }
}

/** What was written for this instance before the page went away, for example to sign in again. */
export function readKept(key: DraftKey): DeployDraft | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(keyOf(key)) ?? 'null')
    if (!isFields(kept) || !isFields(kept['draft'])) return null
    const { metadata, spec } = kept['draft']
    return isFields(metadata) && isFields(spec) ? (kept as unknown as DeployDraft) : null
  } catch {
    return null
  }
}

export function keepDraft(key: DraftKey, draft: DeployDraft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(keyOf(key))
    else sessionStorage.setItem(keyOf(key), JSON.stringify(draft))
  } catch {
    // Without storage the form works; it only forgets when the page is left.
  }
}
