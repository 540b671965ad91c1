import { expect, test } from 'vitest'
import { deriveKeys } from './derive-keys.ts'

const hex = (key: Uint8Array) => Buffer.from(key).toString('hex')

test('of each secret there is one key per purpose, and none is of use for another', () => {
  const keys = [...deriveKeys(['one', 'two'], 'session'), ...deriveKeys(['one', 'two'], 'at-rest')]
  expect(new Set(keys.map(hex)).size).toBe(4)
  expect(keys.map(({ byteLength }) => byteLength)).toEqual([32, 32, 32, 32])
})

test('a key is what it was before an update, so that what it sealed still opens', () => {
  // HKDF-SHA256 of "one", no salt, info "hub/at-rest/v1", as openssl kdf computes it.
  expect(deriveKeys(['one'], 'at-rest').map(hex)).toEqual([
    '3a0bfad56cb684f4e6653353acbdcfeb25123072c711d6c0eebaba2e2ca3a54e',
  ])
})
