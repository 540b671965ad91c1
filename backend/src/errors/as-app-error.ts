import { AppError } from './app-error.ts'

/** Any error as an AppError: an unknown one becomes `internal` and its message is never sent. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  return new AppError('internal', {
    detail:
      'Something went wrong in the hub. Try again; if it keeps happening, give the request id to an administrator.',
    cause: error,
  })
}
