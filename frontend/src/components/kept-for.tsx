import { createContext, use, useMemo, type ReactNode } from 'react'

/** Knows who types, and which of those that offer a dialog shows it: a row may offer it for narrow and for wide windows. */
export interface Keeper {
  /** The principal. */
  person: string
  isShown: (key: string, by: string) => boolean
  /** Unless another one shows it. */
  show: (key: string, by: string) => void
  hide: (key: string, by: string) => void
  subscribe: (listener: () => void) => () => void
}

export function createKeeper(person: string): Keeper {
  const shown = new Map<string, string>()
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of listeners) listener()
  }
  return {
    person,
    isShown: (key, by) => shown.get(key) === by,
    show: (key, by) => {
      if (shown.has(key)) return
      shown.set(key, by)
      tell()
    },
    hide: (key, by) => {
      if (shown.get(key) !== by) return
      shown.delete(key)
      tell()
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const KeeperContext = createContext<Keeper | null>(null)

/** Around whatever has dialogs that are written in. */
export function KeptFor({ person, children }: { person: string; children: ReactNode }) {
  const keeper = useMemo(() => createKeeper(person), [person])
  return <KeeperContext value={keeper}>{children}</KeeperContext>
}

export function useKeeper(): Keeper {
  const keeper = use(KeeperContext)
  if (keeper === null) throw new Error('It is not known who writes here.')
  return keeper
}
