import type { OidcChecks, OidcProfileInput } from '@hub/shared'
import type { Clock } from '#context'
import { describeBlockedHost, isRecord } from '#kube'
import { askProvider } from '#identity-providers'

type Check = OidcChecks['items'][number]

const clockSkewMs = 5_000

/** Looks at what an API server would: discovery, issuer, keys, and what kubectl's plugin needs. */
export async function verifyIssuer(
  { issuer, usernameClaim }: OidcProfileInput,
  deps: { fetch: typeof fetch; now: Clock; allowLoopback: boolean },
): Promise<OidcChecks> {
  const blocked = describeBlockedHost(new URL(issuer), deps)
  if (blocked !== null) {
    return { items: [fail('address', `The issuer is ${blocked}; no cluster would ask it.`)] }
  }
  const items: Check[] = [checkScheme(issuer)]
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const what = 'the discovery document'
  const answer = await askProvider(deps.fetch, { url, what }).catch(() => null)
  if (answer === null || answer.status !== 200 || !isRecord(answer.body)) {
    const how = answer === null ? 'cannot be read' : `was answered with ${answer.status}`
    items.push(
      fail(
        'discovery',
        `${url} ${how}, without a redirect, within 5 s and as JSON. ${describeUsualMistake(issuer)}`,
      ),
    )
    return { items }
  }
  const { body, headers } = answer
  items.push(
    pass('discovery', `${url} is there, as seen from the hub; the API server has to reach it too.`),
  )
  items.push(checkName(issuer, body['issuer']))
  items.push(checkClock(headers.get('date'), deps.now()))
  items.push(...(await checkKeys(body['jwks_uri'], deps.fetch)))
  items.push(
    includes(body['code_challenge_methods_supported'], 'S256')
      ? pass('PKCE', 'The provider takes PKCE with S256.')
      : warn(
          'PKCE',
          'The provider does not say that it takes PKCE with S256; Google and Entra do and do not say so.',
        ),
    typeof body['device_authorization_endpoint'] === 'string'
      ? pass('device code', 'Machines without a browser can sign in.')
      : warn(
          'device code',
          'There is no device endpoint: machines without a browser cannot sign in.',
        ),
    includes(body['claims_supported'], usernameClaim)
      ? pass('claim', `Tokens carry ${usernameClaim}.`)
      : warn(
          'claim',
          `The provider does not say that tokens carry ${usernameClaim}; sign in once and look.`,
        ),
  )
  if (usernameClaim === 'email') {
    items.push(
      warn(
        'email_verified',
        'Whoever has email_verified false is refused by the API server with 401.',
      ),
    )
  }
  return { items }
}

function checkScheme(issuer: string): Check {
  return issuer.startsWith('https:')
    ? pass('https', 'The issuer uses https.')
    : fail('https', 'The issuer uses plain http; an API server takes https alone.')
}

function checkName(issuer: string, named: unknown): Check {
  if (named === issuer) return pass('issuer', 'The document names exactly this issuer.')
  const told = typeof named === 'string' ? `"${named.slice(0, 200)}"` : 'none'
  const isSlash =
    typeof named === 'string' && named.replace(/\/$/, '') === issuer.replace(/\/$/, '')
  return fail(
    'issuer',
    `The document names ${told}, and the API server wants it exactly as configured.${isSlash ? ' They differ by the slash at the end: Auth0 has one.' : ''}`,
  )
}

function checkClock(date: string | null, now: Date): Check {
  const at = date === null ? Number.NaN : Date.parse(date)
  if (Number.isNaN(at)) return warn('clock', 'The provider does not tell its time.')
  const skew = Math.abs(at - now.getTime())
  return skew <= clockSkewMs
    ? pass('clock', 'The clocks agree.')
    : warn(
        'clock',
        `The clocks of the hub and the provider differ by ${Math.round(skew / 1000)} s.`,
      )
}

async function checkKeys(uri: unknown, fetchImpl: typeof fetch): Promise<Check[]> {
  if (typeof uri !== 'string' || !URL.canParse(uri)) {
    return [fail('keys', 'The document names no jwks_uri.')]
  }
  const answer = await askProvider(fetchImpl, { url: uri, what: 'the keys' }).catch(() => null)
  const keys =
    isRecord(answer?.body) && Array.isArray(answer.body['keys']) ? answer.body['keys'] : null
  if (keys === null) return [fail('keys', `${uri.slice(0, 200)} holds no keys.`)]
  const isUsable = keys.some(
    (key) =>
      isRecord(key) && key['kty'] === 'RSA' && (key['use'] === undefined || key['use'] === 'sig'),
  )
  return [
    isUsable
      ? pass('keys', 'There is a key for RS256, which an API server takes by default.')
      : fail(
          'keys',
          'There is no key for RS256, the only algorithm that an API server takes without --oidc-signing-algs.',
        ),
  ]
}

function describeUsualMistake(issuer: string): string {
  const { hostname, pathname } = new URL(issuer)
  if (/\.okta(preview)?\.com$/.test(hostname) && pathname === '/') {
    return 'Okta’s issuers have a path, such as /oauth2/default.'
  }
  return 'Check how the provider spells its issuer.'
}

function includes(list: unknown, value: string): boolean {
  return Array.isArray(list) && list.includes(value)
}

function pass(name: string, detail: string): Check {
  return { name, outcome: 'pass', detail }
}

function warn(name: string, detail: string): Check {
  return { name, outcome: 'warn', detail }
}

function fail(name: string, detail: string): Check {
  return { name, outcome: 'fail', detail }
}
