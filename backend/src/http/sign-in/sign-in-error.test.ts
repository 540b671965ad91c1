import { expect, test } from 'vitest'
import { describeSignInError } from './sign-in-error.ts'

test('H12: every sign-in problem has a sentence of its own', () => {
  const codes = [
    'login-expired',
    'login-refused',
    'user-disabled',
    'local-token',
    'login-failed',
    'account-not-allowed',
    'provider-unavailable',
    'not-enabled',
  ]
  const texts = new Set(codes.map((code) => describeSignInError(code).text))
  expect(texts.size).toBe(codes.length)
})

test('a code this page does not know still gets a sentence', () => {
  expect(describeSignInError('made-up').text).toContain('Try again')
})
