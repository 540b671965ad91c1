import { AppError } from '#errors'

/**
 * What a cluster refused, as the caller sent it: fields at their place in the request, and those that the cluster does not
 * know explained, since the hub does.
 */
export function explainRefusal(error: unknown, toPointer = (pointer: string) => pointer): unknown {
  if (!(error instanceof AppError) || !error.errors) return error
  return error.withErrors(
    error.errors.map((field) => ({
      pointer: toPointer(field.pointer),
      detail: isUnknown(field) ? older : field.detail,
    })),
  )
}

const older =
  "is not known on this instance: its AI Runway is older than this field. Leave it out, or have the instance's administrator update AI Runway."

function isUnknown({ detail, pointer }: { detail: string; pointer: string }): boolean {
  return pointer.startsWith('/spec/') && detail.startsWith('unknown field')
}
