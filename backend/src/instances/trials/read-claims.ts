import type { OidcProfileInput } from '@hub/shared'
import { decodeJwt } from 'jose'
import { isRecord } from '#kube'
import { fail, pass, warn, type Check } from '../oidc/checks.ts'
import { predictGroup, predictUsername } from '../oidc/predict-name.ts'

type Claims = Record<string, unknown>

export type ReadClaims = { items: Check[]; username: string | null; groups: string[] }

/** What a token's claims come to for an API server (apiserver/pkg/authentication/token/oidc). */
export function readClaims(
  claims: Claims,
  profile: OidcProfileInput,
  { nonce, now }: { nonce: string | null; now: Date },
): ReadClaims {
  const name = readName(claims, profile)
  const groups = readGroups(claims, profile)
  const items = [
    checkIssuer(claims, profile),
    checkAudience(claims, profile),
    checkTimes(claims, now),
    ...(nonce === null ? [] : [checkNonce(claims, nonce)]),
    ...name.items,
    ...groups.items,
  ]
  const isRefused = items.some(({ outcome }) => outcome === 'fail')
  return {
    items,
    username: isRefused ? null : name.username,
    groups: isRefused ? [] : groups.groups,
  }
}

/** The claims of a token without what would open something; null where it is no JWT. */
export function decodeClaims(idToken: string): Claims | null {
  try {
    const claims: Claims = decodeJwt(idToken)
    const sources = claims['_claim_sources']
    if (!isRecord(sources)) return claims
    // OpenID Connect Core 1.0 §5.6.2: these may hold tokens of their own.
    const told = Object.entries(sources).map(([name, source]) => [
      name,
      isRecord(source) ? { endpoint: source['endpoint'] } : null,
    ])
    return { ...claims, _claim_sources: Object.fromEntries(told) as unknown }
  } catch {
    return null
  }
}

function checkIssuer({ iss }: Claims, { issuer }: OidcProfileInput): Check {
  return iss === issuer
    ? pass('issuer', 'The token names exactly this issuer.')
    : fail('issuer', `The token names ${tell(iss)} as its issuer, and the profile "${issuer}".`)
}

function checkAudience({ aud }: Claims, { clientId }: OidcProfileInput): Check {
  const named = Array.isArray(aud) ? aud : [aud]
  return named.includes(clientId)
    ? pass('audience', `The token is for "${clientId}".`)
    : fail('audience', `The token is for ${named.map(tell).join(', ')}, and not for "${clientId}".`)
}

const daySeconds = 86_400
/** What an API server allows between its own clock and `nbf`. */
const notBeforeLeewaySeconds = 60

function checkTimes({ exp, nbf }: Claims, now: Date): Check {
  const at = now.getTime() / 1000
  if (typeof exp !== 'number') return fail('expiry', 'The token does not say when it ends.')
  const left = exp - at
  if (left <= 0) {
    return fail(
      'expiry',
      `The token ended ${Math.ceil(-left)} s ago by the hub's clock. Set the clocks, or have tokens last longer.`,
    )
  }
  if (typeof nbf === 'number' && nbf > at + notBeforeLeewaySeconds) {
    return fail('expiry', 'The token is not valid yet, by the hub’s clock. Set the clocks by NTP.')
  }
  if (left > daySeconds) {
    return warn(
      'expiry',
      `The token is good for ${Math.round(left / 3600)} h, and whoever holds it is let in for as long. Have the provider issue shorter ones.`,
    )
  }
  return pass(
    'expiry',
    `The token is good for ${Math.max(1, Math.round(left / 60))} min: for so long it works, whatever is revoked at the provider.`,
  )
}

function checkNonce({ nonce: said }: Claims, nonce: string): Check {
  return said === nonce
    ? pass('nonce', 'The token belongs to this sign-in.')
    : fail('nonce', 'The token belongs to another sign-in: kubectl’s plugin refuses it.')
}

function readName(
  claims: Claims,
  profile: OidcProfileInput,
): { items: Check[]; username: string | null } {
  const { usernameClaim: claim } = profile
  const value = claims[claim]
  if (typeof value !== 'string' || value === '') {
    const isNothing = value === null || value === ''
    const scope = { email: 'the scope email', preferred_username: 'the scope profile', sub: '' }
    const advice =
      scope[claim] === ''
        ? ''
        : ` Allow the client ${scope[claim]}, and map the claim into its ID tokens.`
    return {
      items: [
        fail(
          'claim',
          value === undefined
            ? `The token has no ${claim}, by which the API server would know people: it answers 401.${advice}`
            : isNothing
              ? `The token's ${claim} is empty: the API server would know the person by no name.${advice}`
              : `The token's ${claim} is ${tell(value)}, and an API server accepts only text.${advice}`,
        ),
      ],
      username: null,
    }
  }
  const username = predictUsername(namingOf(profile), value)
  const items = [pass('claim', `The token has ${claim}.`), ...checkEmail(claims, profile)]
  if (username.startsWith('system:')) {
    items.push(
      fail(
        'name',
        `"${username}" begins with system:, which Kubernetes keeps for itself. Set a prefix.`,
      ),
    )
  }
  return { items, username }
}

function checkEmail(
  { email_verified: isVerified }: Claims,
  { usernameClaim }: OidcProfileInput,
): Check[] {
  if (usernameClaim !== 'email') return []
  const name = 'email_verified'
  if (isVerified === true) return [pass(name, 'The provider has verified the address.')]
  if (isVerified === undefined) {
    return [
      warn(
        name,
        'The token does not say whether the address is verified; an API server lets it pass.',
      ),
    ]
  }
  return [
    fail(
      name,
      isVerified === false
        ? 'email_verified is false, and the API server answers 401. Verify the address at the provider.'
        : `email_verified is ${tell(isVerified)}, and an API server accepts only true and false: it answers 401. Have the provider write it as a boolean.`,
    ),
  ]
}

function readGroups(
  claims: Claims,
  profile: OidcProfileInput,
): { items: Check[]; groups: string[] } {
  const { groupsClaim: claim } = profile
  if (!claim) return { items: [], groups: [] }
  const value = claims[claim]
  const nobody = (item: Check) => ({ items: [item], groups: [] })
  if (value === undefined || value === null) {
    const named = claims['_claim_names']
    if (value === undefined && isRecord(named) && named[claim] !== undefined) {
      return nobody(
        fail(
          'groups',
          `The token leaves ${claim} to another address (as Entra does past 200 groups): an API server asks there without a credential, gets no token of it, and answers 401. Use app roles.`,
        ),
      )
    }
    return nobody(
      warn(
        'groups',
        `The token has no ${claim}: the API server sees no groups of yours. Map them into the client's ID tokens, unless you are in none.`,
      ),
    )
  }
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list) || !list.every((each) => typeof each === 'string')) {
    return nobody(
      fail(
        'groups',
        `The token's ${claim} is neither text nor a list of texts: the API server answers 401.`,
      ),
    )
  }
  const groups = list.map((each) => predictGroup(namingOf(profile), each))
  const own = groups.find((each) => each.startsWith('system:'))
  if (own !== undefined) {
    const words = `The group "${own.slice(0, 200)}" begins with system:, which Kubernetes keeps for itself. Set a groups prefix.`
    return nobody(fail('groups', words))
  }
  return { items: [pass('groups', `The token names ${groups.length} of your groups.`)], groups }
}

function namingOf({
  groupsPrefix = null,
  issuer,
  usernameClaim,
  usernamePrefix = null,
}: OidcProfileInput) {
  return { issuer, usernameClaim, usernamePrefix, groupsPrefix }
}

function tell(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? 'nothing').slice(0, 200)
}
