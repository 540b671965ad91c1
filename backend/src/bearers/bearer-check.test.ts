import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '#config'
import type { Database } from '#db'
import { createConfigured } from '#access'
import { createLogger } from '#log'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { startTokenIssuer, type TokenIssuer } from '../../test/token-issuer.ts'
import { digestOf } from '../secrets/digest.ts'
import type { IdentityProvider } from '../identity-providers/index.ts'
import { insertToken } from '../tokens/store.ts'
import { mintToken } from '../tokens/token-text.ts'
import { createBearers, type Bearers } from './create-bearers.ts'

const tenant = '11111111-2222-4333-8444-555555555555'
const firstVersion = `https://sts.windows.net/${tenant}/`

describe.each(databases)('a bearer check on $dialect', ({ open }) => {
  let database: TestDatabase
  let issuer: TokenIssuer
  let bearers: Bearers
  let reads: string[]
  let offsetMs = 0
  const now = () => new Date(Date.now() + offsetMs)
  const log = createLogger('silent')
  const userId = randomUUID()
  const apiToken = mintToken()

  beforeAll(async () => {
    ;[database, issuer] = await Promise.all([open(), startTokenIssuer({ path: `/${tenant}/v2.0` })])
    const config = loadConfig({
      HUB_MODE: 'true',
      SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
      ENABLED_AUTH_PROVIDERS: 'entra,github',
      AZURE_TENANT_ID: tenant,
      AZURE_CLIENT_ID: 'hub-client',
      AZURE_CLIENT_SECRET: 'none',
      ENTRA_AUTHORITY_URL: issuer.origin,
      GITHUB_CLIENT_ID: 'hub-client',
      GITHUB_CLIENT_SECRET: 'none',
      JWT_ISSUERS: `${issuer.issuer};hub,${firstVersion};hub`,
      HUB_GRANTS: JSON.stringify([
        { principal: `entra:${tenant}:object`, role: 'viewer' },
        { principal: 'github:1', role: 'deployer', instanceId: 'prod-east' },
      ]),
    })
    bearers = createBearers({
      config,
      configured: createConfigured(config),
      providers: [{ id: 'entra' }, { id: 'github' }] as IdentityProvider[],
      restingInstances: new Set(),
      takesGuestsOf: () => false,
      fetch: (url, init) =>
        url === `${firstVersion}.well-known/openid-configuration`
          ? Promise.resolve(Response.json({ issuer: firstVersion, jwks_uri: firstVersion }))
          : fetch(url === firstVersion ? `${issuer.origin}/jwks` : url, init),
      now,
      log,
    })
    await database.db.transaction(async (tx) => {
      const at = now()
      const person = { displayName: 'Ada', email: null, disabledAt: null }
      const times = { createdAt: at, lastSignInAt: at }
      await tx.queries.insert(tx.tables.users).values({ id: userId, ...person, ...times })
      const unknown = { email: null, groups: null, groupsState: 'unknown', tokensSealed: null }
      for (const [provider, issuerUrl, subject, principal] of [
        ['entra', issuer.issuer, 'object', `entra:${tenant}:object`],
        ['github', 'https://github.com', '1', 'github:1'],
        ['oidc', 'https://id.example.com', 'ada', 'oidc:ada'],
      ] as const) {
        await tx.queries.insert(tx.tables.identities).values({
          id: randomUUID(),
          userId,
          provider,
          issuer: issuerUrl,
          subject,
          principal,
          ...unknown,
          ...times,
        })
      }
      await insertToken(tx, {
        id: apiToken.id,
        secretHash: digestOf(apiToken.text),
        userId,
        name: 'ci',
        roleCeiling: 'deployer',
        instanceIds: null,
        isUseOnly: false,
        callsPerDay: null,
        gpusMax: null,
        createdAt: at,
        expiresAt: new Date(at.getTime() + 86_400_000),
        lastUsedAt: at,
        revokedAt: null,
        revokeReason: null,
      })
    })
  })
  afterAll(() => Promise.all([database.dispose(), issuer.stop()]))

  const context = () => {
    reads = []
    const counted = new Proxy(database.db, {
      get: (db, name: keyof Database) => {
        if (name === 'read' || name === 'transaction') reads.push(name)
        return db[name]
      },
    })
    return { db: counted, now, log, requestId: 'r', ip: null }
  }
  const jwt = () => issuer.sign({ sub: 'pairwise', azp: 'cli', tid: tenant, oid: 'object' })

  test('an Entra person is known by tenant and object id, at their own issuer alone', async () => {
    expect(await bearers.authenticate(context(), await jwt())).toMatchObject({
      principal: `entra:${tenant}:object`,
      provider: 'entra',
      // What the configuration gives to the other identities of the same person counts as well.
      grants: [{ role: 'viewer' }, { role: 'deployer' }],
    })
    const foreign = await issuer.sign({ sub: 'pairwise', azp: 'cli', tid: 'other', oid: 'object' })
    await expect(bearers.authenticate(context(), foreign)).rejects.toMatchObject({
      code: 'forbidden',
    })
    const pretender = await issuer.sign({ sub: 'object', azp: 'cli', tid: 'other', oid: 'x' })
    await expect(bearers.authenticate(context(), pretender)).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test('an Entra person is the same to both issuers of their tenant, and to no other tenant', async () => {
    const claims = { iss: firstVersion, sub: 'pairwise', appid: 'cli', azp: undefined, tid: tenant }
    const token = await issuer.sign({ ...claims, oid: 'object' })
    expect(await bearers.authenticate(context(), token)).toMatchObject({
      principal: `entra:${tenant}:object`,
      credential: { type: 'jwt', issuer: firstVersion, clientId: 'cli' },
    })
    for (const other of [{ tid: 'other', oid: 'object' }, { oid: 'x' }, { tid: undefined }]) {
      const foreign = await issuer.sign({ ...claims, ...other })
      await expect(bearers.authenticate(context(), foreign)).rejects.toMatchObject({
        code: 'forbidden',
      })
    }
  })

  test("an API token has the grants of all its owner's identities whose provider is enabled", async () => {
    const caller = await bearers.authenticate(context(), apiToken.text)
    expect(caller.grants.map(({ instanceId, role }) => `${role} ${instanceId}`).toSorted()).toEqual(
      ['deployer prod-east', 'viewer null'],
    )
  })

  test('asks neither the database nor the issuer while nothing changes, and the database alone after a change', async () => {
    const ctx = context()
    const token = await jwt()
    await bearers.authenticate(ctx, token)
    const asked = issuer.requests.length
    reads = []
    for (let times = 0; times < 100; times += 1) await bearers.authenticate(ctx, token)
    expect(reads).toEqual([])
    bearers.forget({ topic: 'user', subject: userId })
    await bearers.authenticate(ctx, token)
    expect(reads.length).toBeGreaterThan(0)
    expect(issuer.requests.length).toBe(asked)
  })

  test('looks again at what came together within a minute, but not at all of it in one moment', async () => {
    const ctx = context()
    const tokens = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        issuer.sign({ sub: `pairwise-${index}`, azp: 'cli', tid: tenant, oid: 'object' }),
      ),
    )
    const begun = Date.now()
    const countReadAgain = async (seconds: number) => {
      offsetMs = begun + seconds * 1000 - Date.now()
      let count = 0
      for (const token of tokens) {
        reads = []
        await bearers.authenticate(ctx, token)
        if (reads.length > 0) count += 1
      }
      return count
    }
    try {
      await countReadAgain(0)
      const counts = []
      for (let seconds = 30; seconds <= 61; seconds += 1) counts.push(await countReadAgain(seconds))
      expect(counts.reduce((sum, each) => sum + each)).toBeGreaterThanOrEqual(tokens.length)
      expect(Math.max(...counts)).toBeLessThan(tokens.length / 2)
    } finally {
      offsetMs = 0
    }
  })

  test('costs some microseconds when nothing changed', async () => {
    const ctx = context()
    for (const token of [await jwt(), apiToken.text]) {
      await bearers.authenticate(ctx, token)
      const times: number[] = []
      for (let round = 0; round < 2_000; round += 1) {
        const startedAt = performance.now()
        await bearers.authenticate(ctx, token)
        times.push(performance.now() - startedAt)
      }
      const p50 = times.toSorted((a, b) => a - b)[1_000]!
      expect(p50).toBeLessThan(0.05)
    }
  })

  test('what was read while something changed is not kept', async () => {
    const { db } = database
    const { apiTokens } = db.tables
    const ctx = context()
    bearers.forget({ topic: 'all', subject: '' })
    const slow = bearers.authenticate(ctx, apiToken.text)
    // As the change feed does, while the row is on its way.
    bearers.forget({ topic: 'token', subject: apiToken.id })
    await slow
    await db.transaction(async (tx) => {
      const key = eq(apiTokens.id, apiToken.id)
      await tx.queries.update(apiTokens).set({ revokedAt: now(), revokeReason: 'test' }).where(key)
    })
    await expect(bearers.authenticate(ctx, apiToken.text)).rejects.toMatchObject({
      code: 'invalid-token',
    })
  })
})
