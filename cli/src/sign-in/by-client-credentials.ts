import * as oidc from 'openid-client'
import { Failure } from '../failure.ts'
import { answeredError, explainFailure } from './explain-failure.ts'
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
  const { extraParameters, scopes } = options.provider
  const ask = (asked: readonly string[]) =>
    oidc.clientCredentialsGrant(provider.configuration, {
      ...extraParameters,
      ...(asked.length > 0 && { scope: asked.join(' ') }),
    })
  return await explainFailure(options.provider, () =>
    ask(scopes).catch((error: unknown) => {
      // Asked for by us alone: Okta and Entra give it to no program.
      if (answeredError(error) !== 'invalid_scope') throw error
      return ask(scopes.filter((scope) => scope !== 'openid'))
    }),
  )
}
