import { isProblem } from './problem.ts'

/** By the names of the fields of a request's body. */
export type FieldErrors = Readonly<Record<string, string>>

/** What the hub says of single fields; the first word on a field counts. */
export function readFieldErrors(error: unknown): FieldErrors {
  if (!isProblem(error)) return {}
  const placed: Record<string, string> = {}
  for (const { detail, pointer } of error.errors) {
    const field = /^\/([^/]+)/.exec(pointer)?.[1]
    if (field !== undefined) placed[field] ??= detail
  }
  return placed
}
