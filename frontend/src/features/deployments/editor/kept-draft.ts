import { readKept } from '../../../lib/kept.ts'
import { isFields } from './draft.ts'
import type { WrittenDraft } from './use-draft.ts'

/** What was written before the page went away, for example to sign in again; null where nothing was. */
export function readKeptDraft(key: string): WrittenDraft | null {
  const kept = readKept(key)
  if (kept === null || !isFields(kept['draft'])) return null
  const { metadata, spec } = kept['draft']
  return isFields(metadata) && isFields(spec) ? (kept as unknown as WrittenDraft) : null
}
