import * as oidc from 'openid-client'
import { explainFailure } from './explain-failure.ts'
import type { SignInContext } from './sign-in-context.ts'

/** Where the person signs in. A provider that wants the request beforehand is given it (RFC 9126 §5). */
export async function requestAuthorization(
  { options, provider }: Pick<SignInContext, 'options' | 'provider'>,
  parameters: Record<string, string>,
): Promise<URL> {
  const { configuration, metadata } = provider
  const build =
    metadata.require_pushed_authorization_requests === true
      ? oidc.buildAuthorizationUrlWithPAR
      : oidc.buildAuthorizationUrl
  return await explainFailure(options.provider, async () => await build(configuration, parameters))
}
