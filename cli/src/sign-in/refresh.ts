import * as oidc from 'openid-client'
import type { Entry } from '../cache/entry.ts'
import { messageOf } from '../failure.ts'
import { readClaims } from './claims.ts'
import { answeredError, explainFailure, isBusy } from './explain-failure.ts'
import type { SignInContext } from './sign-in-context.ts'
import { toEntry } from './tokens.ts'

/** A new token without asking the person; null where the provider wants them to sign in. Throws where it cannot be asked. */
export async function refresh(
  { log, options, provider }: Omit<SignInContext, 'env'>,
  { idToken, refreshToken }: Entry,
): Promise<Entry | null> {
  if (refreshToken === null) return null
  try {
    const answer = await oidc.refreshTokenGrant(provider.configuration, refreshToken)
    if (answer.id_token === undefined && !options.provider.useAccessToken) {
      log.say(
        'The provider does not renew ID tokens, so you sign in again each time one expires. If the cluster takes access tokens, add --oidc-use-access-token.',
      )
      return null
    }
    // OpenID Connect Core 1.0 §12.2
    if (idToken !== null && answer.id_token !== undefined && !isOfSame(idToken, answer.id_token)) {
      log.say('The provider renewed the token to one of somebody else: sign in again.')
      return null
    }
    return toEntry(answer, options.provider, {
      now: Date.now(),
      skewSeconds: provider.skewSeconds,
      idToken,
      refreshToken,
    })
  } catch (error) {
    if (answeredError(error) === null || isBusy(error)) {
      return await explainFailure(options.provider, () => Promise.reject(error))
    }
    log.debug(`the refresh token is not taken (${messageOf(error)}); signing in`)
    return null
  }
}

function isOfSame(before: string, after: string): boolean {
  return readClaims(before)?.['sub'] === readClaims(after)?.['sub']
}
