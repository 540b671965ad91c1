import type { ProviderId } from '@hub/shared'

/** What other variables' defaults and rules go by. */
export type Mode = { isLocal: boolean; production: boolean }

/** Sentences for whoever starts the hub: with a mistake it does not start. */
export type Report = { mistakes: string[]; warnings: string[] }

export type Reading = Report & { name: string; mode: Mode }

type ModeDefault = { otherwise: string; production: string } | { otherwise: string; local: string }

/** All there is to say of a variable: it is read and documented from here. Units stand in its name or its value. */
export type Variable = {
  /** The page's sentence about it, in Markdown. */
  purpose: string
  /** Can also come from the file that `NAME_FILE` names. */
  secret?: true
  /** What counts where nothing is set, as somebody would write it; null where nothing comes of it. */
  default: string | null | ModeDefault
  /** What comes of nothing, where that is no text to write. */
  unset?: string
  /** Cannot be left out where this provider is enabled. */
  requiredBy?: ProviderId
  /** Adds every mistake to the reading; what it returns then is not used. */
  parse: (text: string, reading: Reading) => unknown
}

export type Variables = Readonly<Record<string, Variable>>

export type ValuesOf<Table extends Variables> = {
  readonly [Name in keyof Table]:
    | ReturnType<Table[Name]['parse']>
    | (Table[Name] extends { default: null; requiredBy?: never } ? null : never)
}

export function findDefault({ default: byDefault }: Variable, mode: Mode): string | null {
  if (byDefault === null || typeof byDefault === 'string') return byDefault
  if ('production' in byDefault) return mode.production ? byDefault.production : byDefault.otherwise
  return mode.isLocal ? byDefault.local : byDefault.otherwise
}

/** As the page says it. */
export function describeDefault({ default: byDefault, unset }: Variable): string {
  if (unset !== undefined) return unset
  if (byDefault === null) return '—'
  if (typeof byDefault === 'string') return byDefault === '' ? '(empty)' : byDefault
  return 'production' in byDefault
    ? `${byDefault.otherwise}; ${byDefault.production} in production`
    : `${byDefault.otherwise}; ${byDefault.local} in local mode`
}
