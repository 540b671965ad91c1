import { InstanceId, NamespaceName, type Role } from '@hub/shared'
import { isProblem } from './api-problem.ts'

/** A role and where it is to hold, as it is typed; empty is all. */
export interface ScopeValues {
  role: Role
  instance: string
  namespaces: string[]
}

/** By the names of the fields of a request's body. */
export type FieldErrors = Readonly<Record<string, string>>

/** Names as they may be typed or pasted: several in one, with commas or spaces between them. */
export function splitNames(typed: readonly string[]): string[] {
  return [...new Set(typed.flatMap((text) => text.split(/[\s,]+/)).filter((name) => name !== ''))]
}

export function toScopeInput({ instance, namespaces, role }: ScopeValues): {
  role: Role
  instanceId?: string
  namespaces?: string[]
} {
  if (role === 'admin') return { role }
  const instanceId = instance.trim()
  return {
    role,
    ...(instanceId !== '' && { instanceId }),
    ...(namespaces.length > 0 && { namespaces }),
  }
}

/** What is wrong with it before anything is sent. */
export function checkScope({ instance, namespaces, role }: ScopeValues): FieldErrors {
  if (role === 'admin') return {}
  const instanceId = InstanceId.safeParse(instance.trim())
  const wrong = namespaces.find((name) => !NamespaceName.safeParse(name).success)
  return {
    ...(instance.trim() !== '' &&
      !instanceId.success && {
        instanceId: instanceId.error.issues[0]?.message ?? 'is not a name',
      }),
    ...(wrong !== undefined && {
      namespaces: `“${wrong}” is no namespace: 1 to 63 lower-case letters, digits or hyphens`,
    }),
  }
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
