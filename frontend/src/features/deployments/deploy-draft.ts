import { emptyDeployValues, type DeployValues } from './deploy-values.ts'

const keyOf = (instance: string) => `hub-deploy-draft:${instance}`

/** What was typed for this instance before the page went away, for example to sign in again. */
export function readDraft(instance: string): DeployValues | null {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(keyOf(instance)) ?? 'null')
    if (typeof stored !== 'object' || stored === null) return null
    const known = Object.entries(stored).filter(
      ([key, value]) =>
        key in emptyDeployValues && (typeof value === 'string' || typeof value === 'number'),
    )
    return { ...emptyDeployValues, ...Object.fromEntries(known) }
  } catch {
    return null
  }
}

export function keepDraft(instance: string, values: DeployValues | null): void {
  try {
    if (values === null) sessionStorage.removeItem(keyOf(instance))
    else sessionStorage.setItem(keyOf(instance), JSON.stringify(values))
  } catch {
    // Without storage the form works; it only forgets when the page is left.
  }
}
