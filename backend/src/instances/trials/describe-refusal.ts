import type { OidcProfileInput } from '@hub/shared'
import { cleanText } from '#identity-providers'
import { isRecord } from '#kube'
import { describeProvider } from '../oidc/describe-provider.ts'

/** What a provider said instead of a sign-in (RFC 6749 §§4.1.2.1, 5.2): its code, and its own words. */
export type Refusal = { error: string; words: string }

export function readRefusal(body: unknown, status: number): Refusal {
  const { error, error_description: words } = isRecord(body) ? body : {}
  return {
    error: typeof error === 'string' ? cleanText(error) : `status ${status}`,
    words: typeof words === 'string' ? cleanText(words) : '',
  }
}

/** A refusal in a sentence with the fix, and what the provider itself says. `redirectUri` is null by a device's code. */
export function describeRefusal(
  { error, words }: Refusal,
  profile: OidcProfileInput,
  redirectUri: string | null,
): string {
  const fix = fixes.get(error)?.(profile, redirectUri) ?? ''
  const { trial } = describeProvider(profile)
  const isOfClient = error === 'invalid_client' || error === 'unauthorized_client'
  return [
    `The provider answered ${error}.`,
    fix,
    isOfClient && trial !== null ? trial : '',
    words === '' ? '' : `It says: "${words}"`,
  ]
    .filter((part) => part !== '')
    .join(' ')
}

const registered = (redirectUri: string | null) =>
  redirectUri === null ? '' : ` and ${redirectUri} as a redirect URI of it`

type Fix = (profile: OidcProfileInput, redirectUri: string | null) => string

const fixes = new Map<string, Fix>(
  Object.entries({
    access_denied: () => 'You, or a rule of the provider, refused the sign-in.',
    invalid_scope: ({ extraScopes = [] }: OidcProfileInput) =>
      `Allow the client the scopes that are asked for${extraScopes.length > 0 ? `, or take ${extraScopes.join(', ')} out of the extra scopes` : ''}.`,
    unauthorized_client: (_, redirectUri) =>
      redirectUri === null
        ? 'Allow the client the device authorization grant.'
        : 'Allow the client the authorization code flow.',
    invalid_client: ({ clientId, needsSecret = false }) =>
      needsSecret
        ? `The client secret is not that of "${clientId}", or was left out.`
        : `There is no client "${clientId}", or it wants a secret: make it a public one, or say that the profile needs a secret.`,
    invalid_request: (_, redirectUri) =>
      `Something of the request is not allowed to the client: check that it takes PKCE with S256${registered(redirectUri)}.`,
    invalid_grant: (_, redirectUri) =>
      redirectUri === null
        ? 'The code was used before, or has expired. Start again.'
        : 'The code was used before, has expired, or belongs to another redirect URI. Start again.',
    unsupported_response_type: () => 'Allow the client the authorization code flow.',
    unsupported_grant_type: () => 'Allow the client the grant by which this was tried.',
    login_required: () => 'It wants you to sign in there first.',
    consent_required: () => 'Somebody has to consent to what the client asks for.',
    interaction_required: () => 'It wants more from you first.',
    server_error: () => 'It has a problem of its own: try again in a moment.',
    temporarily_unavailable: () => 'It has a problem of its own: try again in a moment.',
    expired_token: () => 'The code was not confirmed in time. Start again.',
  } satisfies Record<string, Fix>),
)
