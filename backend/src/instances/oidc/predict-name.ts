import type { OidcProfile } from '@hub/shared'

type Naming = Pick<OidcProfile, 'issuer' | 'usernameClaim' | 'usernamePrefix' | 'groupsPrefix'>

/**
 * What an API server started with the flags of a profile calls whoever has this value in the username claim
 * (`--oidc-username-prefix`: by default `<issuer>#`, and none for `email`; `-` is none).
 */
export function predictUsername(profile: Naming, value: string): string {
  return `${usernamePrefixOf(profile)}${value}`
}

export function predictGroup({ groupsPrefix }: Naming, value: string): string {
  return `${groupsPrefix ?? ''}${value}`
}

/** As the structured configuration has to write it, which knows no default. */
export function usernamePrefixOf({ issuer, usernameClaim, usernamePrefix }: Naming): string {
  if (usernamePrefix === '-') return ''
  if (usernamePrefix !== null) return usernamePrefix
  return usernameClaim === 'email' ? '' : `${issuer}#`
}
