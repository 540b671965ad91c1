import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '#config'
import { createLogger } from '#log'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { createKey, startTokenIssuer, type TokenIssuer } from '../../test/token-issuer.ts'
import { createAuth } from '../create-auth.ts'
import { createKeySet } from '../bearers/key-set.ts'
import { checkTimes, verifyJwt } from './verify-jwt.ts'

const log = createLogger('silent')

describe('H24: keys are read again for a signature that does not hold', () => {
  let issuer: TokenIssuer
  let offsetMs = 0
  beforeEach(async () => {
    issuer = await startTokenIssuer()
    offsetMs = 0
  })
  afterEach(() => issuer.stop())

  const now = () => new Date(Date.now() + offsetMs)
  const create = () =>
    createKeySet({ issuer: issuer.issuer, fetch, now, log, onReplaced: () => undefined })
  const verify = (keys: ReturnType<typeof create>, token: string) =>
    verifyJwt(token, keys, { currentDate: new Date() }).then(
      () => 'good',
      (error: { code: string }) => error.code,
    )
  const reads = () => issuer.requests.filter((path) => path === '/jwks').length
  const forged = 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'

  test('a new key under the same name is taken at once, for all who wait', async () => {
    const keys = create()
    const old = await issuer.sign()
    expect(await verify(keys, old)).toBe('good')
    await issuer.rotate('k1', { keepOlder: false })
    const token = await issuer.sign()
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify(keys, token)))
    expect(new Set(answers)).toEqual(new Set(['good']))
    expect(reads()).toBe(2)
    expect(await verify(keys, old)).toBe(forged)
  })

  test('a flood of forged tokens and of names that nobody knows makes one request in 30 seconds', async () => {
    const keys = create()
    expect(await verify(keys, await issuer.sign())).toBe('good')
    const own = await createKey('k1')
    for (let second = 0; second < 30; second += 1) {
      expect(await verify(keys, await issuer.sign({}, {}, own))).toBe(forged)
      const unknown = { kid: randomUUID(), privateKey: own.privateKey }
      expect(await verify(keys, await issuer.sign({}, {}, unknown))).toBe(
        'ERR_JWKS_NO_MATCHING_KEY',
      )
      offsetMs += 990
    }
    expect(reads()).toBe(2)
    // And what is new is noticed when the time is over.
    await issuer.rotate('k1', { keepOlder: false })
    offsetMs += 1_000
    expect(await verify(keys, await issuer.sign())).toBe('good')
    expect(reads()).toBe(3)
  })

  test('the last keys stay good while the issuer is down', async () => {
    const keys = create()
    const token = await issuer.sign()
    expect(await verify(keys, token)).toBe('good')
    issuer.setDown(true)
    const own = await createKey('k1')
    expect(await verify(keys, await issuer.sign({}, {}, own))).toBe(forged)
    expect(await verify(keys, token)).toBe('good')
  })
})

describe('H24: an issuer that people sign in at, and whose bearers are taken', () => {
  let idp: OddIdentityProvider
  beforeEach(async () => (idp = await startOddIdentityProvider()))
  afterEach(() => idp.stop())

  test('is asked for its keys as one, in sign-ins, back-channel logouts and for bearers', async () => {
    let offsetMs = 0
    const now = () => new Date(Date.now() + offsetMs)
    const config = loadConfig({
      HUB_MODE: 'true',
      ENABLED_AUTH_PROVIDERS: 'oidc',
      OIDC_PROVIDER_ISSUER: idp.issuer,
      OIDC_PROVIDER_CLIENT_ID: idp.clientId,
      JWT_ISSUERS: `${idp.issuer};hub`,
    })
    const auth = createAuth({ config, fetch, now, log, restingInstances: new Set() })
    const provider = auth.providers[0]!
    const logOut = async () => provider.verifyLogoutToken!(await idp.createLogoutToken())
    const bear = async () => {
      const ctx = { now, log, requestId: 'r', ip: null } as never
      const token = await idp.signAccessToken({ sub: 'x' })
      await auth.bearers.authenticate(ctx, token)
    }
    await logOut()
    expect(idp.countRequests('/jwks')).toBe(1)
    idp.answers.forgedSignature = true
    for (let tries = 0; tries < 5; tries += 1) {
      await expect(logOut()).rejects.toMatchObject({ code: 'logout-token-invalid' })
    }
    await idp.rotateKeys('unpublished')
    idp.answers.misbehaves = { '/jwks': 'down' }
    for (let tries = 0; tries < 5; tries += 1) {
      await expect(bear()).rejects.toMatchObject({ code: 'invalid-token' })
    }
    expect(idp.countRequests('/jwks')).toBe(2)
    idp.beHonest()
    offsetMs = 30_000
    expect((await logOut()).subject).toBe('ada')
    expect(idp.countRequests('/jwks')).toBe(3)
    // A new key under the same name, in a sign-in's token as well.
    offsetMs = 60_000
    await idp.rotateKeys(idp.kid())
    expect((await logOut()).subject).toBe('ada')
  })
})

describe('H25: the times of a token', () => {
  const currentDate = new Date('2026-01-01T00:00:00Z')
  const at = currentDate.getTime() / 1000
  const check = (claims: object, leewaySeconds = 5) => {
    try {
      checkTimes(
        { iat: at, exp: at + 300, ...claims },
        { currentDate, leewaySeconds, ageSecondsMax: 600 },
      )
      return null
    } catch (error) {
      return (error as Error).message
    }
  }

  test.each<[object, number, string | null]>([
    [{}, 5, null],
    [{ iat: at + 6 }, 5, null],
    [{ iat: at + 60 }, 0, null],
    [{ iat: at + 61 }, 5, '"iat" is 61 seconds ahead'],
    [{ iat: at + 61 }, 120, null],
    // Entra writes the same into both.
    [{ iat: at + 60, nbf: at + 60 }, 5, null],
    [{ iat: at + 30, nbf: at }, 5, null],
    [{ nbf: at + 5 }, 5, null],
    [{ nbf: at + 6 }, 5, '"nbf" is 6 seconds ahead'],
    [{ nbf: at + 6 }, 6, null],
    [{ exp: at - 4 }, 5, null],
    [{ exp: at - 5 }, 5, '"exp" was 5 seconds ago'],
    [{ exp: at - 5 }, 6, null],
    [{ iat: at - 605 }, 5, null],
    [{ iat: at - 606 }, 5, 'too old'],
    [{ iat: undefined }, 5, '"iat" is missing'],
    [{ iat: 'now' }, 5, '"iat" is missing'],
  ])('%j with a leeway of %i: %s', (claims, leeway, fault) => {
    const found = check(claims, leeway)
    expect(found ?? 'in time').toContain(fault ?? 'in time')
  })
})
