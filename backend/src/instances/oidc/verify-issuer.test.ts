import type { OidcProfileInput } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import { verifyIssuer } from './verify-issuer.ts'

const now = new Date('2026-11-28T12:00:00Z')
const profile: OidcProfileInput = {
  issuer: 'https://id.example.com',
  clientId: 'kubernetes',
  usernameClaim: 'preferred_username',
}
const discovery = '/.well-known/openid-configuration'
const good = {
  issuer: 'https://id.example.com',
  jwks_uri: 'https://id.example.com/keys',
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256'],
  device_authorization_endpoint: 'https://id.example.com/device',
  claims_supported: ['sub', 'preferred_username', 'groups'],
  scopes_supported: ['openid', 'profile'],
  id_token_signing_alg_values_supported: ['RS256'],
}
const rsa = { kty: 'RSA', use: 'sig', alg: 'RS256' }

type World = {
  profile?: Partial<OidcProfileInput>
  document?: object
  keys?: object[]
  date?: string
  age?: string
  addresses?: string[]
}

/** What is found out of an issuer that is good but for this, and what was asked. */
const verify = async (world: World) => {
  const asked: string[] = []
  const answer = (async (url: string) => {
    asked.push(url)
    const body = url.endsWith(discovery)
      ? { ...good, ...world.document }
      : { keys: world.keys ?? [rsa] }
    const headers = { date: world.date ?? now.toUTCString(), ...(world.age && { age: world.age }) }
    return Response.json(body, { headers })
  }) as typeof fetch
  const { items } = await verifyIssuer(
    { ...profile, ...world.profile },
    {
      fetch: answer,
      now: () => now,
      allowLoopback: false,
      resolve: async () => world.addresses ?? ['203.0.113.7'],
    },
  )
  return { asked, of: (name: string) => items.find((item) => item.name === name), items }
}

describe('an issuer is looked at', () => {
  test('and a good one passes every check', async () => {
    const { items } = await verify({
      profile: { groupsClaim: 'groups', groupsPrefix: 'oidc:' },
    })
    expect(items.filter(({ outcome }) => outcome !== 'pass')).toEqual([])
    expect(items.map(({ name }) => name)).toEqual([
      'https',
      'address',
      'discovery',
      'issuer',
      'clock',
      'keys',
      'code flow',
      'PKCE',
      'device code',
      'claim',
      'groups',
      'scopes',
    ])
    expect(new Set(items.map(({ name }) => name)).size).toBe(items.length)
  })

  test.each<[string, World, string, 'warn' | 'fail', string]>([
    [
      'lies about its name',
      { document: { issuer: 'https://other.example.com' } },
      'issuer',
      'fail',
      '"https://other.example.com"',
    ],
    [
      'ends with a slash',
      { document: { issuer: 'https://id.example.com/' } },
      'issuer',
      'fail',
      'Auth0 has one',
    ],
    ['names no issuer', { document: { issuer: 7 } }, 'issuer', 'fail', 'names no issuer'],
    [
      'stands for many tenants',
      { document: { issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' } },
      'issuer',
      'fail',
      'the id of yours',
    ],
    ['is at a private address', { addresses: ['10.1.2.3'] }, 'address', 'warn', 'in that network'],
    ['has another time', { date: 'Sat, 28 Nov 2026 12:00:30 GMT' }, 'clock', 'warn', '30 s'],
    ['tells no time', { date: 'x' }, 'clock', 'warn', 'does not tell'],
    [
      'signs by ES256 alone',
      {
        document: { id_token_signing_alg_values_supported: ['ES256'] },
        keys: [{ kty: 'EC', crv: 'P-256' }],
      },
      'keys',
      'fail',
      '--oidc-signing-algs=ES256',
    ],
    ['has keys for encryption alone', { keys: [{ ...rsa, use: 'enc' }] }, 'keys', 'fail', 'no key'],
    ['has no keys', { keys: [] }, 'keys', 'fail', 'no key that signs'],
    ['names no keys', { document: { jwks_uri: 7 } }, 'keys', 'fail', 'no jwks_uri'],
    [
      'lists no code flow',
      { document: { response_types_supported: ['id_token'] } },
      'code flow',
      'fail',
      'response type code',
    ],
    [
      'says nothing of PKCE',
      { document: { code_challenge_methods_supported: undefined } },
      'PKCE',
      'warn',
      'allow it for the client',
    ],
    [
      'has no device endpoint',
      { document: { device_authorization_endpoint: '' } },
      'device code',
      'warn',
      'without a browser',
    ],
    ['does not list the claim', { document: { claims_supported: [] } }, 'claim', 'warn', '401'],
    [
      'does not list the groups',
      { profile: { groupsClaim: 'teams', groupsPrefix: 'x:' } },
      'groups',
      'warn',
      'sees no groups',
    ],
    [
      'does not list a scope',
      { profile: { extraScopes: ['teams'] } },
      'scopes',
      'warn',
      'list teams',
    ],
    [
      'could name system:masters',
      { profile: { groupsClaim: 'groups' } },
      'groups prefix',
      'warn',
      'system:masters',
    ],
    [
      'names people by e-mail',
      { profile: { usernameClaim: 'email' } },
      'email_verified',
      'warn',
      '401',
    ],
  ])('and one that %s is told so', async (_, world, name, outcome, words) => {
    const { of } = await verify(world)
    expect(of(name)).toMatchObject({ outcome, detail: expect.stringContaining(words) })
  })

  test('and the age of what a cache has kept is no fault of its clock', async () => {
    const { of } = await verify({ date: 'Sat, 28 Nov 2026 11:20:00 GMT', age: '2400' })
    expect(of('clock')).toMatchObject({ outcome: 'pass' })
  })

  test.each(['169.254.169.254', '127.0.0.1', 'fd00:ec2::254'])(
    'and is not asked where its name leads to %s, nor are its keys',
    async (address) => {
      const { asked, items } = await verify({ addresses: ['203.0.113.7', address] })
      expect(items).toMatchObject([{ name: 'address', outcome: 'fail' }])
      expect(asked).toEqual([])
      const byKeys = await verify({ document: { jwks_uri: 'https://169.254.169.254/keys' } })
      expect(byKeys.of('keys')).toMatchObject({
        outcome: 'fail',
        detail: expect.stringContaining('link-local'),
      })
      expect(byKeys.asked).toEqual([`https://id.example.com${discovery}`])
    },
  )

  test.each([
    ['https://org.okta.com', '/oauth2/default'],
    ['https://t.auth0.com', 'ends with a slash'],
    ['https://login.microsoftonline.com/common', '<tenant id>'],
    ['https://id.example.com', 'how the provider spells'],
  ])('and where %s has no document, the usual mistake is said', async (issuer, words) => {
    const { items } = await verifyIssuer(
      { ...profile, issuer },
      {
        fetch: async () => new Response('none', { status: 404 }),
        now: () => now,
        allowLoopback: false,
        resolve: async () => [],
      },
    )
    expect(items.at(-1)).toMatchObject({
      name: 'discovery',
      outcome: 'fail',
      detail: expect.stringContaining(words),
    })
    expect(items.at(-1)!.detail).toContain('is answered with 404')
  })
})
