import { describe, expect, test } from 'vitest'
import type { Actor, UserCredential } from '#context'
import { AppError } from '#errors'
import { requireFresh } from './require-fresh.ts'

const now = new Date('2026-11-22T12:00:00Z')
const granted = {
  principal: 'oidc:ada',
  displayName: 'Ada',
  grants: [],
  restingInstances: new Set<string>(),
}
const person = (credential: UserCredential): Actor => ({
  type: 'user',
  userId: 'u',
  email: null,
  provider: 'oidc',
  credential,
  ...granted,
})
const session = (ageMs: number) =>
  person({ type: 'session', id: 's', authenticatedAt: new Date(now.getTime() - ageMs) })
const token = person({ type: 'token', id: 't', name: 'laptop', isUseOnly: false })
const program: Actor = {
  type: 'service',
  servicePrincipalId: 's',
  clientId: 'ci',
  expiresAt: now,
  ...granted,
}

function errorOf(actor: Actor, options?: { allowBearer: boolean }): AppError | null {
  try {
    requireFresh({ actor, now: () => now }, options)
    return null
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}
const codeOf = (...args: Parameters<typeof errorOf>) => errorOf(...args)?.code ?? null

describe('requireFresh', () => {
  test('a session counts for 15 minutes after its proof', () => {
    expect(codeOf(session(0))).toBeNull()
    expect(codeOf(session(15 * 60_000))).toBeNull()
    expect(codeOf(session(15 * 60_000 + 1))).toBe('reauthentication-required')
    expect(codeOf(session(15 * 60_000 + 1), { allowBearer: true })).toBe(
      'reauthentication-required',
    )
  })

  test('a token and a program pass only where the verb says so', () => {
    for (const bearer of [token, program]) {
      expect(codeOf(bearer)).toBe('forbidden')
      expect(codeOf(bearer, { allowBearer: false })).toBe('forbidden')
      expect(codeOf(bearer, { allowBearer: true })).toBeNull()
    }
  })

  test('whoever is refused is told what to do', () => {
    expect(errorOf(session(15 * 60_000 + 1))?.detail).toMatch(/Sign in again, then try again\.$/)
    expect(errorOf(token)?.detail).toMatch(/Sign in and do it there\.$/)
  })

  test('nobody never does; the one person of local mode and the hub itself always do', () => {
    expect(codeOf({ type: 'anonymous' }, { allowBearer: true })).toBe('unauthenticated')
    expect(codeOf(person({ type: 'local' }))).toBeNull()
    expect(codeOf({ type: 'system' })).toBeNull()
  })
})
