import { decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogger } from '#log'
import { startTokenIssuer, type TokenIssuer } from '../../test/token-issuer.ts'
import { createKeySet } from './key-set.ts'

const minute = 60_000

describe('createKeySet', () => {
  let issuer: TokenIssuer
  let offsetMs = 0
  let replaced = 0
  beforeEach(async () => {
    issuer = await startTokenIssuer()
    offsetMs = 0
    replaced = 0
  })
  afterEach(() => issuer.stop())

  const create = () =>
    createKeySet({
      issuer: issuer.issuer,
      fetch,
      now: () => new Date(Date.now() + offsetMs),
      log: createLogger('silent'),
      onReplaced: () => (replaced += 1),
    })
  const verify = async (keys: ReturnType<typeof create>, token: string) =>
    jwtVerify(token, keys, { currentDate: new Date() }).then(
      () => 'good',
      (error: { code: string }) => error.code,
    )
  const reads = () => issuer.requests.filter((path) => path === '/jwks').length

  test('reads the keys once for all who wait', async () => {
    const keys = create()
    const token = await issuer.sign()
    expect(await Promise.all(Array.from({ length: 20 }, () => verify(keys, token)))).toEqual(
      Array.from({ length: 20 }, () => 'good'),
    )
    expect(reads()).toBe(1)
  })

  test('H24: finds a new key at once, and lets no flood of unknown ones through to the issuer', async () => {
    const keys = create()
    await verify(keys, await issuer.sign())
    await issuer.rotate('k2')
    expect(await verify(keys, await issuer.sign())).toBe('good')
    expect([reads(), replaced]).toEqual([2, 1])
    const unknown = await startTokenIssuer()
    await unknown.rotate('k3')
    const token = await unknown.sign()
    for (let tries = 0; tries < 50; tries += 1) {
      expect(await verify(keys, token)).toBe('ERR_JWKS_NO_MATCHING_KEY')
    }
    expect(reads()).toBe(2)
    await unknown.stop()
  })

  test('a key that was withdrawn is good for ten minutes at most after the next token', async () => {
    const keys = create()
    const old = { token: await issuer.sign(), kid: issuer.key().kid }
    expect(decodeProtectedHeader(old.token).kid).toBe(old.kid)
    expect(await verify(keys, old.token)).toBe('good')
    await issuer.rotate('k2', { keepOlder: false })
    offsetMs += 11 * minute
    await verify(keys, old.token)
    await expect.poll(() => replaced).toBe(1)
    expect(await verify(keys, old.token)).toBe('ERR_JWKS_NO_MATCHING_KEY')
  })

  test('the last keys serve a day while the issuer is down, which is asked ever more rarely', async () => {
    const keys = create()
    const token = await issuer.sign({ exp: 4_000_000_000 })
    expect(await verify(keys, token)).toBe('good')
    issuer.setDown(true)
    offsetMs += 2 * 60 * minute
    const before = issuer.requests.length
    for (let tries = 0; tries < 50; tries += 1) expect(await verify(keys, token)).toBe('good')
    // The discovery document and the keys, once each.
    expect(issuer.requests.length - before).toBe(2)
    offsetMs += 21 * 60 * minute
    expect(await verify(keys, token)).toBe('good')
    offsetMs += 2 * 60 * minute
    await expect(keys({ alg: 'RS256' }, { payload: '', signature: '' })).rejects.toMatchObject({
      code: 'provider-unavailable',
    })
    issuer.setDown(false)
    offsetMs += minute
    expect(await verify(keys, token)).toBe('good')
  })

  test('an issuer that is down at the start is provider-unavailable, and good when it comes', async () => {
    issuer.setDown(true)
    const keys = create()
    const token = await issuer.sign()
    for (let tries = 0; tries < 20; tries += 1) {
      expect(await verify(keys, token)).toBe('provider-unavailable')
    }
    expect(issuer.requests).toHaveLength(1)
    issuer.setDown(false)
    offsetMs += 1_500
    expect(await verify(keys, token)).toBe('good')
  })
})
