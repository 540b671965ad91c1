import { InstanceId, NamespaceName, type Role } from '@hub/shared'
import { isProblem } from '../api/problem.ts'

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

/** What a form begins with: the widest scope is chosen, never left over. */
export const narrowScope: ScopeValues = {
  role: 'viewer',
  instance: '',
  everyInstance: false,
  namespaces: [],
  allNamespaces: false,
}

/** By the names of the fields of a request's body. */
export type FieldErrors = Readonly<Record<string, string>>

/** Names as they may be typed or pasted: several in one, with commas or spaces between them. */
export function splitNames(typed: readonly string[]): string[] {
  return [...new Set(typed.flatMap((text) => text.split(/[\s,]+/)).filter((name) => name !== ''))]
}

/** Of values that `checkScope` found nothing wrong with. */
export function toScopeInput(values: ScopeValues): {
  role: Role
  instanceId?: string
  namespaces?: string[]
} {
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
  const parsed = InstanceId.safeParse(instance)
  return parsed.success ? null : (parsed.error.issues[0]?.message ?? 'is not a name')
}

function checkNamespaces(namespaces: readonly string[]): string | null {
  if (namespaces.length === 0) return 'Name at least one, or tick “All namespaces”.'
  const wrong = namespaces.find((name) => !NamespaceName.safeParse(name).success)
  return wrong === undefined
    ? null
    : `“${wrong}” is no namespace: 1 to 63 lower-case letters, digits or hyphens`
}

/** What the hub says of single fields. */
export function readFieldErrors(error: unknown): FieldErrors {
  if (!isProblem(error)) return {}
  const placed: Record<string, string> = {}
  for (const { detail, pointer } of error.errors) {
    const field = /^\/([^/]+)/.exec(pointer)?.[1]
    if (field !== undefined) placed[field] ??= detail
  }
  return placed
}
