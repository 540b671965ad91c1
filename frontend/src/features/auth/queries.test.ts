import { expect, test } from 'vitest'
import { signInPath } from './queries.ts'

test('a provider of the address bar stays one segment of the path', () => {
  expect(signInPath('../x', '/deployments?q=a b')).toBe(
    '/api/auth/login/..%2Fx?return_to=%2Fdeployments%3Fq%3Da+b',
  )
})
