import { OidcProfileInput, type OidcProfile } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import { readProfile, toProviderQuery, toTyped } from './read-profile.ts'

const kept: OidcProfile = {
  issuer: 'https://id.example.com',
  clientId: 'kubernetes',
  usernameClaim: 'sub',
  usernamePrefix: '-',
  groupsClaim: 'groups',
  groupsPrefix: 'oidc:',
  extraScopes: ['groups', 'offline_access'],
  needsSecret: true,
  server: 'https://k8s.example.com',
  source: 'manual',
  changedAt: '2026-11-28T00:00:00Z',
  changedBy: 'oidc:root',
}

describe('a profile in its fields', () => {
  test('is the same when nothing was typed', () => {
    const { changedAt: _, changedBy: __, source: ___, ...input } = kept
    expect(readProfile(toTyped(kept))).toEqual(input)
  })

  test('that are empty is left out, and blanks around ids are', () => {
    const typed = { ...toTyped(null), issuer: ' https://id.example.com ', clientId: 'k8s ' }
    const input = readProfile(typed)
    expect(input).toEqual({
      issuer: 'https://id.example.com',
      clientId: 'k8s',
      usernameClaim: 'email',
      needsSecret: false,
      extraScopes: [],
    })
    expect(OidcProfileInput.safeParse(input).success).toBe(true)
    expect(readProfile({ ...typed, extraScopes: 'a, b  c' }).extraScopes).toEqual(['a', 'b', 'c'])
  })

  test('says to the provider’s side what is whole', () => {
    expect(toProviderQuery(readProfile(toTyped(kept)))).toEqual({
      issuer: 'https://id.example.com',
      usernameClaim: 'sub',
      groupsClaim: 'groups',
      needsSecret: 'true',
      extraScopes: 'groups offline_access',
    })
    const half = { ...toTyped(null), issuer: 'https://' }
    expect(toProviderQuery(readProfile(half))).toEqual({ usernameClaim: 'email' })
  })
})
