import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTokenIssuer, type TokenIssuer } from '../../../test/token-issuer.ts'
import { createSigningKeys } from './signing-keys.ts'
import { verifyJwt } from './verify-jwt.ts'

/** A header without the id of a key. */
const keyless = { kid: undefined } as unknown as { kid: string }

describe('verifyJwt', () => {
  let issuer: TokenIssuer
  let offsetMs = 0
  beforeEach(async () => {
    issuer = await startTokenIssuer()
    offsetMs = 0
  })
  afterEach(() => issuer.stop())

  const create = () =>
    createSigningKeys({
      url: `${issuer.issuer}/jwks`,
      fetch,
      now: () => new Date(Date.now() + offsetMs),
    })
  const verify = async (keys: ReturnType<typeof create>, token: string) =>
    verifyJwt(token, keys, {}).then(
      () => 'good',
      (error: { code: string }) => error.code,
    )
  const reads = () => issuer.requests.filter((path) => path === '/jwks').length

  test('H24: a key that was replaced and kept its id is found at once', async () => {
    const keys = create()
    const old = await issuer.sign()
    expect(await verify(keys, old)).toBe('good')
    await issuer.rotate('k1', { keepOlder: false })
    expect(await verify(keys, await issuer.sign())).toBe('good')
    expect(await verify(keys, old)).toBe('ERR_JWS_SIGNATURE_VERIFICATION_FAILED')
    expect(reads()).toBe(2)
  })

  test('H24: forged tokens, under known or unknown keys, cost the issuer one reading in 30 seconds', async () => {
    const keys = create()
    const good = await issuer.sign()
    await verify(keys, good)
    const forger = await startTokenIssuer()
    try {
      const forged = [await forger.sign(), await forger.sign({}, { kid: 'k9' })]
      for (let second = 0; second < 120; second += 1) {
        for (const token of forged) expect(await verify(keys, token)).toMatch(/^ERR_JW/)
        expect(await verify(keys, good)).toBe('good')
        offsetMs += 1000
      }
      // At the start, and after 0, 30, 60 and 90 seconds.
      expect(reads()).toBe(5)
    } finally {
      await forger.stop()
    }
  })

  test('where the token names no key, each that is published may have signed it', async () => {
    await issuer.rotate('k2')
    await issuer.rotate('k3')
    const keys = create()
    expect(await verify(keys, await issuer.sign({}, keyless))).toBe('good')
    const forger = await startTokenIssuer()
    try {
      const forged = await forger.sign({}, keyless)
      expect(await verify(keys, forged)).toBe('ERR_JWS_SIGNATURE_VERIFICATION_FAILED')
    } finally {
      await forger.stop()
    }
  })
})
