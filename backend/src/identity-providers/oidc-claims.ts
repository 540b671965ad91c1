import type { OidcConfig } from '#config'
import type { ProvenGroups, ProvenIdentity } from '#people'
import { cleanText } from './clean-text.ts'
import { readGroupsClaim } from './groups-claim.ts'
import { readText, type IdTokenClaims } from './id-token.ts'
import { readUserInfo } from './user-info.ts'

/** What the id_token says, and what UserInfo says besides. */
type CompletedClaims = {
  claims: IdTokenClaims
  more: Record<string, unknown>
  /** Why UserInfo says nothing. */
  failure: unknown
}

/**
 * What the id_token leaves out stands at the UserInfo endpoint (OpenID Connect Core 1.0 §5.3): Okta, for one, keeps its
 * id_tokens thin. That it fails stops no sign-in.
 */
export async function completeClaims(
  claims: IdTokenClaims,
  options: Omit<Parameters<typeof readUserInfo>[0], 'endpoint' | 'accessToken' | 'subject'> & {
    groupsClaim: string
    accessToken: string | null
  },
): Promise<CompletedClaims> {
  const { accessToken, groupsClaim, metadata } = options
  const endpoint = metadata.userinfoEndpoint
  const isComplete =
    readGroupsClaim(claims, groupsClaim) !== undefined && readText(claims, 'name') !== null
  if (isComplete || endpoint === null || accessToken === null) {
    return { claims, more: {}, failure: null }
  }
  try {
    const more = await readUserInfo({ ...options, accessToken, endpoint, subject: claims.sub })
    return { claims, more, failure: null }
  } catch (failure) {
    return { claims, more: {}, failure }
  }
}

export function presentProfile(
  issuer: string,
  { claims, more }: CompletedClaims,
): Pick<
  ProvenIdentity,
  'provider' | 'issuer' | 'subject' | 'principal' | 'displayName' | 'email' | 'isEmailVerified'
> {
  const readProfile = (name: string) => readText(claims, name) ?? readText(more, name)
  const email = readProfile('email')
  const isVerified = readVerified(claims, more)
  const shown = isVerified === false ? null : email
  return {
    provider: 'oidc',
    issuer,
    subject: claims.sub,
    principal: `oidc:${claims.sub}`,
    displayName:
      readProfile('name') ?? readProfile('preferred_username') ?? shown ?? cleanText(claims.sub),
    email: shown,
    isEmailVerified: shown !== null && isVerified === true,
  }
}

/** Whether the provider has checked the address: as it says of that same address, not of another one. */
function readVerified(claims: IdTokenClaims, more: Record<string, unknown>): boolean | undefined {
  const own = readText(claims, 'email')
  const said = toBoolean(claims['email_verified'])
  if (own === null) return toBoolean(more['email_verified'])
  return said ?? (readText(more, 'email') === own ? toBoolean(more['email_verified']) : undefined)
}

// Amazon Cognito and others write it as a text.
function toBoolean(value: unknown): boolean | undefined {
  if (value === true || value === 'true') return true
  return value === false || value === 'false' ? false : undefined
}

/** A claim that is not there means no groups: most providers leave it out for people who are in none. */
export function presentGroups(
  config: OidcConfig,
  { claims, failure, more }: CompletedClaims,
): ProvenGroups {
  // The id_token's claim may stop halfway on the way on which UserInfo goes on.
  const own = readGroupsClaim(claims, config.groupsClaim)
  const found = own === undefined ? readGroupsClaim(more, config.groupsClaim) : own
  if (found === null || (found === undefined && failure !== null)) {
    return {
      groupsState: 'unknown',
      groups: null,
      reason: failure ?? new Error(`the claim ${config.groupsClaim} names no group in any entry`),
    }
  }
  const { dropped, names } = found ?? { dropped: 0, names: [] }
  return {
    groupsState: 'fresh',
    groups: names.map((name) => ({ id: name, name })),
    ...(dropped > 0 && { dropped }),
  }
}
