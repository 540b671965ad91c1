import * as oidc from 'openid-client'
import { Failure } from '../failure.ts'
import { explainFailure } from './explain-failure.ts'
import type { SignInContext } from './sign-in-context.ts'
import type { TokenAnswer } from './tokens.ts'

/** A program that signs in as itself. */
export async function signInByClientCredentials({
  options,
  provider,
}: SignInContext): Promise<TokenAnswer> {
  if (options.provider.clientSecret === null) {
    throw new Failure(
      'usage',
      '--grant-type=client-credentials needs a secret: export OIDC_CLIENT_SECRET.',
    )
  }
  return await explainFailure(options.provider, () =>
    oidc.clientCredentialsGrant(provider.configuration, {
      ...options.provider.extraParameters,
      scope: options.provider.scopes.join(' '),
    }),
  )
}
