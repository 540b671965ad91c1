import type { OidcProfile, OidcProfileInput, OidcProviderQuery } from '@hub/shared'

/** What the fields of a profile hold. */
export interface TypedProfile {
  issuer: string
  clientId: string
  usernameClaim: OidcProfileInput['usernameClaim']
  usernamePrefix: string
  groupsClaim: string
  groupsPrefix: string
  extraScopes: string
  needsSecret: boolean
  server: string
}

export function toTyped(kept: OidcProfile | null): TypedProfile {
  return {
    issuer: kept?.issuer ?? '',
    clientId: kept?.clientId ?? '',
    usernameClaim: kept?.usernameClaim ?? 'email',
    usernamePrefix: kept?.usernamePrefix ?? '',
    groupsClaim: kept?.groupsClaim ?? '',
    groupsPrefix: kept?.groupsPrefix ?? '',
    extraScopes: kept?.extraScopes.join(' ') ?? '',
    needsSecret: kept?.needsSecret ?? false,
    server: kept?.server ?? '',
  }
}

/** What is empty is left out. */
export function readProfile(typed: TypedProfile): OidcProfileInput {
  const groupsClaim = typed.groupsClaim.trim()
  const server = typed.server.trim()
  return {
    issuer: typed.issuer.trim(),
    clientId: typed.clientId.trim(),
    usernameClaim: typed.usernameClaim,
    needsSecret: typed.needsSecret,
    extraScopes: typed.extraScopes.split(/[\s,]+/).filter((scope) => scope !== ''),
    ...(typed.usernamePrefix !== '' && { usernamePrefix: typed.usernamePrefix }),
    ...(groupsClaim !== '' && { groupsClaim }),
    ...(typed.groupsPrefix !== '' && { groupsPrefix: typed.groupsPrefix }),
    ...(server !== '' && { server }),
  }
}

/** As much of it as is whole. */
export function toProviderQuery(profile: OidcProfileInput): OidcProviderQuery {
  const { extraScopes = [], groupsClaim, issuer, needsSecret = false, usernameClaim } = profile
  const isWhole = /^https?:\/\/[^?#\s]+$/.test(issuer) && URL.canParse(issuer)
  return {
    usernameClaim,
    ...(isWhole && { issuer }),
    ...(groupsClaim && { groupsClaim }),
    ...(needsSecret && { needsSecret: 'true' }),
    ...(extraScopes.length > 0 && { extraScopes: extraScopes.join(' ') }),
  }
}
