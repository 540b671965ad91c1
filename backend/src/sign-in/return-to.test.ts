import { describe, expect, test } from 'vitest'
import { safeReturnTo } from './return-to.ts'

describe('safeReturnTo', () => {
  test.each(['/', '/deployments?q=llama', '/instances/prod-east/deploy', '/access#tokens'])(
    'keeps %s',
    (path) => {
      expect(safeReturnTo(path)).toBe(path)
    },
  )

  test.each([
    undefined,
    '',
    'deployments',
    'https://elsewhere.example/',
    '//elsewhere.example',
    '/\\elsewhere.example',
    '/\t/elsewhere.example',
    '/.//elsewhere.example',
    '/x/..//elsewhere.example',
    'javascript:alert(1)',
    '/login?return_to=/login',
    '/./login',
    '/api/auth/logout',
    '/a/../api/auth/logout',
  ])('answers / for %j', (value) => {
    expect(safeReturnTo(value)).toBe('/')
  })
})
