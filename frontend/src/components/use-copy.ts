import { useEffect, useRef, useState } from 'react'
import { writeClipboard } from '../lib/write-clipboard.ts'

const saidMs = 2_000

export type CopyState = 'ready' | 'copied' | 'failed'

/** What is said of it, where anything is. */
export const copyWords: Record<CopyState, string> = {
  ready: '',
  copied: 'Copied',
  failed: 'Not copied: the browser refused',
}

/** Copies a text, and says for a moment that it did, or that the browser refused. */
export function useCopy(): { state: CopyState; copy: (text: string) => void } {
  const [state, setState] = useState<CopyState>('ready')
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const copy = async (text: string) => {
    const isCopied = await writeClipboard(text)
    clearTimeout(timer.current)
    setState(isCopied ? 'copied' : 'failed')
    timer.current = setTimeout(setState, saidMs, 'ready')
  }
  return { state, copy: (text) => void copy(text) }
}
