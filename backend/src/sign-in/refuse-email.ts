import type { Config } from '#config'
import { AppError } from '#errors'
import { isEmailAllowed, type ProvenIdentity } from '#people'

/** Where only some e-mail domains are let in, an address counts that the provider has verified. Throws `account-not-allowed`. */
export function refuseForeignEmail(
  config: Pick<Config, 'allowedEmailDomains'>,
  { email, isEmailVerified }: Pick<ProvenIdentity, 'email' | 'isEmailVerified'>,
): void {
  if (isEmailAllowed({ email, isEmailVerified }, config)) return
  throw new AppError('account-not-allowed', {
    detail:
      'This hub lets in people with a verified e-mail address of certain domains, and your account has none. Use another account, or ask an administrator.',
    cause: new Error(
      isEmailVerified
        ? 'HUB_ALLOWED_EMAIL_DOMAINS does not list the domain of the e-mail address'
        : 'the identity provider vouches for no e-mail address',
    ),
  })
}
