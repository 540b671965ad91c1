import type { OidcChecks, OidcProfileInput } from '@hub/shared'
import type { Clock } from '#context'
import { discoveryUrlOf } from '#identity-providers'
import { isRecord } from '#kube'
import { askIssuer, locate, type IssuerDeps } from './ask-issuer.ts'
import { checkKeys } from './check-keys.ts'
import { fail, pass, warn, type Check } from './checks.ts'
import { describeProvider, scopesOf } from './describe-provider.ts'

type Document = Record<string, unknown>

const clockSkewMs = 5_000

/** Looks at what an API server would: discovery, issuer, keys, and what kubectl's plugin needs. */
export async function verifyIssuer(
  profile: OidcProfileInput,
  deps: IssuerDeps & { now: Clock },
): Promise<OidcChecks> {
  const { issuer } = profile
  const { blocked, isPrivate } = await locate(new URL(issuer), deps)
  if (blocked !== null) {
    return { items: [fail('address', `The issuer is ${blocked}; no cluster would ask it.`)] }
  }
  const items: Check[] = [checkScheme(issuer), checkReach(isPrivate)]
  const url = discoveryUrlOf(issuer)
  const answer = await askIssuer(url, deps)
  if ('why' in answer || !isRecord(answer.body)) {
    const why = 'why' in answer ? answer.why : 'is not an object'
    const advice = describeProvider(profile).mistake ?? 'Check how the provider spells its issuer.'
    return { items: [...items, fail('discovery', `${url} ${why}. ${advice}`)] }
  }
  const { body, headers } = answer
  items.push(
    pass('discovery', `${url} is there, as seen from the hub; the API server has to reach it too.`),
    checkName(issuer, body['issuer']),
    checkClock(headers, deps.now()),
    await checkKeys(body, deps),
    checkFlow(body),
    checkPkce(body, profile),
    checkDevice(body),
    ...checkClaims(body, profile),
    checkScopes(body, profile),
    ...checkNaming(profile),
  )
  return { items }
}

function checkScheme(issuer: string): Check {
  return issuer.startsWith('https:')
    ? pass('https', 'The issuer uses https.')
    : fail('https', 'The issuer uses plain http; an API server accepts only https.')
}

function checkReach(isPrivate: boolean): Check {
  return isPrivate
    ? warn(
        'address',
        'The issuer is at a private address: the API server and everybody’s browser have to be in that network.',
      )
    : pass('address', 'The issuer is at no private address.')
}

function checkName(issuer: string, named: unknown): Check {
  if (named === issuer) return pass('issuer', 'The document names exactly this issuer.')
  if (typeof named !== 'string') return fail('issuer', 'The document names no issuer.')
  const told = `The document names "${named.slice(0, 200)}", and the API server wants it exactly as configured.`
  if (named.replace(/\/$/, '') === issuer.replace(/\/$/, '')) {
    return fail('issuer', `${told} They differ by the slash at the end: Auth0 has one.`)
  }
  if (named.includes('{tenantid}')) {
    return fail(
      'issuer',
      `${told} It stands for many tenants: write the id of yours instead of common or organizations.`,
    )
  }
  return fail('issuer', `${told} Write it the document’s way, if that is your provider.`)
}

function checkClock(headers: Headers, now: Date): Check {
  // RFC 9111 §5.1: what a cache between has kept was said so many seconds ago.
  const ageSeconds = Number(headers.get('age') ?? 0)
  const at = Date.parse(headers.get('date') ?? '') + ageSeconds * 1000
  if (Number.isNaN(at)) return warn('clock', 'The provider does not tell its time.')
  const skew = Math.abs(at - now.getTime())
  return skew <= clockSkewMs
    ? pass('clock', 'The clocks agree.')
    : warn(
        'clock',
        `The clocks of the hub and the provider differ by ${Math.round(skew / 1000)} s: an API server whose clock is off refuses fresh tokens. Set the clock by NTP.`,
      )
}

function checkFlow(document: Document): Check {
  const isOffered = includes(document['response_types_supported'], 'code')
  return isOffered
    ? pass('code flow', 'The provider takes the authorization code flow.')
    : fail(
        'code flow',
        'The provider does not list the response type code, by which the plugin signs in.',
      )
}

function checkPkce(document: Document, profile: OidcProfileInput): Check {
  if (includes(document['code_challenge_methods_supported'], 'S256')) {
    return pass('PKCE', 'The provider takes PKCE with S256.')
  }
  const isKnown = describeProvider(profile).hasUnsaidPkce
  return isKnown
    ? pass('PKCE', 'This provider takes PKCE with S256, though it does not say so.')
    : warn(
        'PKCE',
        'The provider does not say that it takes PKCE with S256: allow it for the client, or try a sign-in.',
      )
}

function checkDevice(document: Document): Check {
  const endpoint = document['device_authorization_endpoint']
  return typeof endpoint === 'string' && endpoint !== ''
    ? pass('device code', 'Machines without a browser can sign in, where the client may.')
    : warn('device code', 'There is no device endpoint: machines without a browser cannot sign in.')
}

function checkClaims(
  { claims_supported: listed }: Document,
  { groupsClaim, usernameClaim }: OidcProfileInput,
): Check[] {
  const check = (claim: string, name: string) =>
    includes(listed, claim)
      ? pass(name, `Tokens carry ${claim}.`)
      : warn(
          name,
          `The provider does not say that tokens carry ${claim}; without it the API server ${name === 'claim' ? 'answers 401' : 'sees no groups'}. Sign in once and look (kubectl together-login setup), and add it to the client's ID tokens.`,
        )
  return [check(usernameClaim, 'claim'), ...(groupsClaim ? [check(groupsClaim, 'groups')] : [])]
}

function checkScopes({ scopes_supported: listed }: Document, profile: OidcProfileInput): Check {
  const wanted = scopesOf(profile)
  const missing = Array.isArray(listed) ? wanted.filter((scope) => !listed.includes(scope)) : wanted
  return missing.length === 0
    ? pass('scopes', `The provider has the scopes ${['openid', ...wanted].join(' ')}.`)
    : warn(
        'scopes',
        `The provider does not list ${missing.join(', ')}: allow the client these scopes.`,
      )
}

function checkNaming({ groupsClaim, groupsPrefix, usernameClaim }: OidcProfileInput): Check[] {
  return [
    ...(usernameClaim === 'email'
      ? [
          warn(
            'email_verified',
            'Whoever has email_verified false is refused by the API server with 401: have the provider verify addresses.',
          ),
        ]
      : []),
    ...(groupsClaim && !groupsPrefix
      ? [
          warn(
            'groups prefix',
            'Without a prefix, a group that is called system:masters at the provider administers the cluster. Set one, such as oidc:.',
          ),
        ]
      : []),
  ]
}

function includes(list: unknown, value: string): boolean {
  return Array.isArray(list) && list.includes(value)
}
