import { isDnsLabel, type Role } from '@hub/shared'
import type { FieldErrors } from '../api/field-errors.ts'

/** A role and where it is to hold, as it is chosen and typed. */
export interface ScopeValues {
  role: Role
  instance: string
  /** In place of one. */
  everyInstance: boolean
  namespaces: string[]
  /** In place of some. */
  allNamespaces: boolean
}

/** The same as a request has it: what is left out is all. */
export interface ScopeInput {
  role: Role
  instanceId?: string
  namespaces?: string[]
}

/** What a form begins with: the widest scope is chosen, never left over. */
export const narrowScope: ScopeValues = {
  role: 'viewer',
  instance: '',
  everyInstance: false,
  namespaces: [],
  allNamespaces: false,
}

/** Names as they may be typed or pasted: several in one, with commas or spaces between them. */
export function splitNames(typed: readonly string[]): string[] {
  return [...new Set(typed.flatMap((text) => text.split(/[\s,]+/)).filter((name) => name !== ''))]
}

/** Of a scope that is changed. */
export function toScopeValues({
  instanceId,
  namespaces,
  role,
}: {
  role: Role
  instanceId: string | null
  namespaces: string[] | null
}): ScopeValues {
  return {
    role,
    instance: instanceId ?? '',
    everyInstance: instanceId === null,
    namespaces: namespaces ?? [],
    allNamespaces: namespaces === null,
  }
}

/** Of values that `checkScope` found nothing wrong with. */
export function toScopeInput(values: ScopeValues): ScopeInput {
  const { allNamespaces, everyInstance, instance, namespaces, role } = values
  if (role === 'admin') return { role }
  return {
    role,
    ...(!everyInstance && { instanceId: instance.trim() }),
    ...(!allNamespaces && { namespaces }),
  }
}

/** What is wrong with it before anything is sent. */
export function checkScope(values: ScopeValues): FieldErrors {
  if (values.role === 'admin') return {}
  const instanceId = values.everyInstance ? null : checkInstance(values.instance.trim())
  const namespaces = values.allNamespaces ? null : checkNamespaces(values.namespaces)
  return {
    ...(instanceId !== null && { instanceId }),
    ...(namespaces !== null && { namespaces }),
  }
}

function checkInstance(instance: string): string | null {
  if (instance === '') return 'Choose an instance, or tick “Every instance”.'
  return isDnsLabel(instance)
    ? null
    : 'must be 1 to 63 lower-case letters, digits or hyphens, and start and end with a letter or digit'
}

function checkNamespaces(namespaces: readonly string[]): string | null {
  if (namespaces.length === 0) return 'Name at least one, or tick “All namespaces”.'
  const wrong = namespaces.find((name) => !isDnsLabel(name))
  return wrong === undefined
    ? null
    : `“${wrong}” is not a namespace: use 1 to 63 lower-case letters, digits or hyphens`
}
