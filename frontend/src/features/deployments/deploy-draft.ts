import { emptyDeployValues, type DeployValues } from './deploy-values.ts'

/** Whose draft it is, so that nobody who signs in later in the same tab reads it. */
export interface DraftKey {
  person: string
  instance: string
}

const keyOf = ({ person, instance }: DraftKey) => `hub-deploy-draft:${person}:${instance}`

/** What was typed for this instance before the page went away, for example to sign in again. */
export function readDraft(key: DraftKey): DeployValues | null {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(keyOf(key)) ?? 'null')
    if (typeof stored !== 'object' || stored === null) return null
    const known = Object.entries(stored).filter(
      ([field, value]) =>
        field in emptyDeployValues && (typeof value === 'string' || typeof value === 'number'),
    )
    return { ...emptyDeployValues, ...Object.fromEntries(known) }
  } catch {
    return null
  }
}

export function keepDraft(key: DraftKey, values: DeployValues | null): void {
  try {
    if (values === null) sessionStorage.removeItem(keyOf(key))
    else sessionStorage.setItem(keyOf(key), JSON.stringify(values))
  } catch {
    // Without storage the form works; it only forgets when the page is left.
  }
}
