import * as oidc from 'openid-client'
import { Failure } from '../failure.ts'
import { askTerminal } from './ask-terminal.ts'
import { answeredError, explainFailure } from './explain-failure.ts'
import { toScope } from './scopes.ts'
import type { SignInContext } from './sign-in-context.ts'
import type { TokenAnswer } from './tokens.ts'

/** For providers that still take a password from a program. */
export async function signInByPassword({ options, provider }: SignInContext): Promise<TokenAnswer> {
  const username = options.grant.username ?? (await askTerminal('Username: ', { isHidden: false }))
  const password = options.grant.password ?? (await askTerminal('Password: ', { isHidden: true }))
  if (username === '' || password === '') {
    throw new Failure('refused', 'A username and a password are needed.')
  }
  const ask = (isOffline: boolean) =>
    oidc.genericGrantRequest(provider.configuration, 'password', {
      ...options.provider.extraParameters,
      username,
      password,
      scope: toScope(options.provider.scopes, provider, isOffline),
    })
  return await explainFailure(options.provider, () =>
    ask(true).catch((error: unknown) => {
      if (answeredError(error) !== 'invalid_scope') throw error
      return ask(false)
    }),
  )
}
