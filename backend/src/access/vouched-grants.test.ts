import { describe, expect, test } from 'vitest'
import { loadConfig } from '#config'
import { isVouchedFor } from './vouched-grants.ts'

const rules = loadConfig({
  HUB_MODE: 'true',
  ENABLED_AUTH_PROVIDERS: 'github,oidc',
  GITHUB_CLIENT_ID: 'github-client',
  GITHUB_CLIENT_SECRET: 's',
  OIDC_PROVIDER_ISSUER: 'https://id.example.com/realms/ai',
  OIDC_PROVIDER_CLIENT_ID: 'oidc-client',
})

type Identity = Parameters<typeof isVouchedFor>[2][number]

const group = (id: string) => ({ id, name: null })
const oidc: Identity = {
  provider: 'oidc',
  issuer: 'https://id.example.com/realms/ai',
  principal: 'oidc:ada',
  email: null,
  admission: { clientId: 'oidc-client', tenant: null, isEmailVerified: true, orgs: null },
  withdrawnAt: null,
  withdrawnReason: null,
  groups: [group('other'), group('ml')],
}
const github: Identity = {
  ...oidc,
  provider: 'github',
  issuer: 'https://github.com',
  principal: 'github:1',
  admission: { clientId: 'github-client', tenant: null, isEmailVerified: true, orgs: null },
}
const gone = (identity: Identity): Identity => ({
  ...identity,
  withdrawnAt: new Date('2026-01-01T00:00:00Z'),
  withdrawnReason: 'It was taken away.',
})
const mappings = new Map([
  ['m', { provider: 'oidc', groupId: 'ml' }],
  ['n', { provider: 'oidc', groupId: 'nobody' }],
])
const counts = (identities: Identity[], mappingId: string | null = 'm', source = 'group') =>
  isVouchedFor({ source, mappingId }, mappings, identities, rules)

describe('a grant of a group', () => {
  test('counts as it is written down while every identity counts', () => {
    expect(counts([oidc, github])).toBe(true)
    expect(counts([oidc], 'n')).toBe(true)
    expect(counts([{ ...oidc, groups: null }])).toBe(true)
  })

  test('counts where one does not, by another that is in that group', () => {
    expect(counts([oidc, gone(github)])).toBe(true)
    expect(counts([gone(github), oidc])).toBe(true)
  })

  test.each<[string, Identity[], string | null]>([
    ['the identity in it does not', [gone(oidc), github], 'm'],
    ['the others are not in it', [oidc, gone(github)], 'n'],
    ['the other is in one of that name at another provider', [github, gone(oidc)], 'm'],
    ['nobody knows the groups of the other', [{ ...oidc, groups: null }, gone(github)], 'm'],
    ['the other is in none', [{ ...oidc, groups: [] }, gone(github)], 'm'],
    ['its mapping is gone', [oidc, gone(github)], 'gone'],
    ['it has no mapping', [oidc, gone(github)], null],
    ['no identity counts', [gone(oidc)], 'm'],
  ])('does not where %s', (_, identities, mappingId) => {
    expect(counts(identities, mappingId)).toBe(false)
  })
})

test.each(['manual', 'request'])("a grant of another source (%s) is the person's own", (source) => {
  expect(counts([gone(oidc)], null, source)).toBe(true)
})
