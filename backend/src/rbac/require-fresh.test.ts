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
const token = person({ type: 'token', id: 't' })

function codeOf(actor: Actor, options?: { allowBearer: boolean }): string | null {
  try {
    requireFresh({ actor, now: () => now }, options)
    return null
  } catch (error) {
    return error instanceof AppError ? error.code : 'unknown'
  }
}

describe('requireFresh', () => {
  test('a session counts for 15 minutes after its proof', () => {
    expect(codeOf(session(0))).toBeNull()
    expect(codeOf(session(15 * 60_000))).toBeNull()
    expect(codeOf(session(15 * 60_000 + 1))).toBe('reauthentication-required')
    expect(codeOf(session(15 * 60_000 + 1), { allowBearer: true })).toBe(
      'reauthentication-required',
    )
  })

  test('a token passes only where the verb says so', () => {
    expect(codeOf(token)).toBe('forbidden')
    expect(codeOf(token, { allowBearer: true })).toBeNull()
  })

  test('nobody never does; the one person of local mode and the hub itself always do', () => {
    expect(codeOf({ type: 'anonymous' }, { allowBearer: true })).toBe('unauthenticated')
    expect(codeOf(person({ type: 'local' }))).toBeNull()
    expect(codeOf({ type: 'system' })).toBeNull()
  })
})
