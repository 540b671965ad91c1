import * as oidc from 'openid-client'
import type { Entry } from '../cache/entry.ts'
import { messageOf } from '../failure.ts'
import { answeredError, explainFailure } from './explain-failure.ts'
import type { SignInContext } from './sign-in-context.ts'
import { toEntry } from './tokens.ts'

/** A new token without asking the person; null where the provider wants them to sign in. Throws where it cannot be asked. */
export async function refresh(
  { log, options, provider }: Omit<SignInContext, 'env'>,
  { refreshToken }: Entry,
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
    return toEntry(answer, options.provider, {
      now: Date.now(),
      skewSeconds: provider.skewSeconds,
      refreshToken,
    })
  } catch (error) {
    if (answeredError(error) === null) {
      return await explainFailure(options.provider, () => Promise.reject(error))
    }
    log.debug(`the refresh token is not taken (${messageOf(error)}); signing in`)
    return null
  }
}
