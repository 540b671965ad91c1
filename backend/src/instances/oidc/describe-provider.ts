import type { OidcProfileInput } from '@hub/shared'

export type ProviderNaming = Pick<
  OidcProfileInput,
  'issuer' | 'usernameClaim' | 'needsSecret' | 'extraScopes' | 'groupsClaim'
>

/**
 * What is particular about a provider: for its administrator, where it is often misspelt, what it does unsaid, and what to know
 * of a client there that leads back to the hub.
 */
export type ProviderTraits = {
  notes: string[]
  mistake: string | null
  hasUnsaidPkce: boolean
  trial: string | null
}

export function describeProvider(profile: ProviderNaming): ProviderTraits {
  const { issuer, needsSecret = false } = profile
  const { hostname, pathname } = new URL(issuer)
  const nothing = { notes: [], mistake: null, hasUnsaidPkce: false, trial: null }
  if (hostname.endsWith('.auth0.com')) {
    const isWhole = issuer.endsWith('/')
    const slash = 'Auth0: the issuer ends with a slash; without it the discovery fails.'
    const client = 'Auth0: make a native application, and allow it offline_access.'
    return {
      ...nothing,
      notes: isWhole ? [client] : [slash, client],
      mistake: isWhole ? null : slash,
    }
  }
  if (/\.okta(preview)?\.com$/.test(hostname)) {
    const path =
      'Okta: the issuer has the path of an authorization server, such as /oauth2/default; the bare domain is answered with invalid_client.'
    const client = 'Okta: make a native application with the grant "Refresh Token".'
    const isWhole = pathname !== '/'
    return {
      ...nothing,
      notes: isWhole ? [client] : [path, client],
      mistake: isWhole ? null : path,
    }
  }
  if (hostname === 'accounts.google.com') {
    const secret = 'Google wants a client secret even with PKCE: say that the profile needs one.'
    const client = 'Google: make a client of type "Desktop app". Its tokens carry no groups.'
    return {
      ...nothing,
      notes: needsSecret ? [client] : [secret, client],
      hasUnsaidPkce: true,
      trial:
        'Google leads a client of type "Desktop app" back to one’s own machine alone, so that the hub cannot try it: use kubectl together-login setup.',
    }
  }
  if (/^(login\.microsoftonline\.(com|us)|login\.partner\.microsoftonline\.cn)$/.test(hostname)) {
    const version = 'Entra: the issuer is https://login.microsoftonline.com/<tenant id>/v2.0.'
    const isWhole = /^\/[0-9a-f-]{36}\/v2\.0$/.test(pathname)
    return {
      notes: [
        ...(isWhole ? [] : [version]),
        'Entra: make a public client under "Mobile and desktop applications", without a secret.',
        'Entra: the token of whoever is in more than 200 groups leaves them to another address, and an API server with a groups claim answers 401: use app roles.',
      ],
      mistake: isWhole ? null : version,
      hasUnsaidPkce: true,
      trial:
        'Entra wants the hub’s redirect URI under "Mobile and desktop applications" too: of one under "Web" or "Single-page application" it gives no token.',
    }
  }
  if (/\/realms\/[^/]+$/.test(pathname)) {
    const client =
      'Keycloak: make a public client with the standard flow, PKCE S256, and the device flow for machines without a browser.'
    const groups =
      'Keycloak: groups need a "Group Membership" mapper on the client, without full paths.'
    return { ...nothing, notes: profile.groupsClaim ? [client, groups] : [client] }
  }
  return nothing
}

/** Besides `openid`. */
export function scopesOf({
  extraScopes = [],
  usernameClaim,
}: Pick<ProviderNaming, 'extraScopes' | 'usernameClaim'>): string[] {
  const ofClaim = { email: ['email'], preferred_username: ['profile'], sub: [] }[usernameClaim]
  return [...new Set([...ofClaim, ...extraScopes])].filter((scope) => scope !== 'openid')
}
