import { useState } from 'react'
import type { Draft } from './draft.ts'
import type { TypedText } from './yaml-editor.tsx'

type EditorMode = 'form' | 'yaml'

/** A draft, and how somebody writes it. */
export interface WrittenDraft {
  draft: Draft
  mode: EditorMode
  /** The text as it was typed; null where there was none. */
  typed: TypedText | null
}

export interface DraftState extends WrittenDraft {
  /** Whether the text that is shown is the draft. */
  isReadable: boolean
  setMode: (mode: EditorMode) => void
  /** From the form, or from elsewhere. */
  setDraft: (draft: Draft) => void
  setText: (typed: TypedText, draft: Draft | null) => void
  /** Begins anew. */
  replace: (draft: Draft) => void
}

/** One object, written as a form or as YAML; nothing that was typed in one is lost in the other. */
export function useDraft(
  initial: () => WrittenDraft,
  onWritten: (written: WrittenDraft) => void,
): DraftState {
  const [written, setWritten] = useState(initial)
  const write = (next: Partial<WrittenDraft>) => {
    const whole = { ...written, ...next }
    setWritten(whole)
    onWritten(whole)
  }
  const isReadable = written.typed?.isRead !== false
  return {
    ...written,
    isReadable,
    setMode: (mode) => {
      // A form cannot show what cannot be read yet.
      if (mode === 'yaml' || isReadable) write({ mode })
    },
    setDraft: (draft) => write({ draft }),
    setText: (typed, draft) => write({ typed, ...(draft !== null && { draft }) }),
    replace: (draft) => write({ draft, typed: null }),
  }
}
