import { isFields } from './draft.ts'
import type { WrittenDraft } from './use-draft.ts'

/** What was written before the page went away, for example to sign in again; null where nothing was. */
export function readKept(key: string): WrittenDraft | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? 'null')
    if (!isFields(kept) || !isFields(kept['draft'])) return null
    const { metadata, spec } = kept['draft']
    return isFields(metadata) && isFields(spec) ? (kept as unknown as WrittenDraft) : null
  } catch {
    return null
  }
}

export function keepDraft(key: string, draft: WrittenDraft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, JSON.stringify(draft))
  } catch {
    // Without storage the form works; it only forgets when the page is left.
  }
}
