import { AppError } from '#errors'

/** A bearer token that is not good, for a reason that the log alone tells. */
export class TokenFault extends Error {}

export function invalidToken(cause: unknown, detail?: string): AppError {
  return new AppError('invalid-token', {
    detail:
      detail ??
      'The bearer token is not accepted: it is unknown or not for this hub, has expired or was revoked. Present another one.',
    cause,
  })
}

export function userDisabled(): AppError {
  return new AppError('user-disabled', {
    detail:
      'This account is disabled in the hub, and its tokens with it. An administrator of the hub can enable it again.',
  })
}
