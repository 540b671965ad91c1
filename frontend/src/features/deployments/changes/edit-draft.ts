import type { DeploymentPatch, FieldError } from '@hub/shared'
import { checkFrame, checkPatch } from '../editor/check-draft.ts'
import { tidyDraft, type Draft } from '../editor/draft.ts'
import { listImmutable, patchManifest } from './merge-patch.ts'

/** What somebody sees changed, and what that comes to. */
export interface Edit {
  /** As it would be. */
  mine: Draft
  /** Null where nothing is changed. */
  patch: DeploymentPatch | null
  errors: FieldError[]
  /** Those fields, as pointers into the spec, that only a new deployment can have. */
  immutable: string[]
}

export function readEdit(base: Draft, draft: Draft): Edit {
  const mine = tidyDraft(draft)
  const patch = patchManifest(base, mine)
  return {
    mine,
    patch,
    errors: [
      ...checkFrame(mine),
      ...(['name', 'namespace'] as const).flatMap((field) =>
        mine.metadata[field] === base.metadata[field]
          ? []
          : [{ pointer: `/metadata/${field}`, detail: `must stay ${base.metadata[field]}` }],
      ),
      ...(patch === null ? [] : checkPatch(patch)),
    ],
    immutable: listImmutable(base, mine),
  }
}
