import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority } from '@hub/demo'
import { SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createProviders, TokenUnchanged } from '#identity-providers'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { homeTenant, startEntra, type Entra } from '../../test/entra.ts'
import { startHub, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'

const pkcs8 = { type: 'pkcs8', format: 'pem' } as const
const pemOf = (key: KeyObject) => key.export(pkcs8)
const p256 = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const [old, next] = [p256(), p256()]
const unproven = 'The hub cannot prove to the identity provider who it is. Tell an administrator'

let folder: string
let database: TestDatabase
const hubs: TestHub[] = []
beforeAll(async () => {
  ;[folder, database] = await Promise.all([
    mkdtemp(join(tmpdir(), 'client-assertion-')),
    databases[0].open(),
  ])
})
afterAll(async () => {
  await Promise.all(hubs.map((hub) => hub.stop()))
  await Promise.all([database.dispose(), rm(folder, { recursive: true, force: true })])
})

let files = 0
const write = async (content: string) => {
  const path = join(folder, `file-${(files += 1)}`)
  await writeFile(path, content)
  return path
}

/** What a platform renews: a projected ServiceAccount token. */
const platform = { issuer: 'https://cluster.example', subject: 'system:serviceaccount:hub:hub' }
const project = (audience: string, { key = rsa, lifetime = 600 } = {}) =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(platform.issuer)
    .setSubject(platform.subject)
    .setAudience(audience)
    .setExpirationTime(Math.floor(Date.now() / 1000) + lifetime)
    .sign(key)

const textOf = (hub: TestHub) => hub.lines.join('')

describe('a client without a secret at any OpenID provider', () => {
  let provider: OddIdentityProvider
  beforeAll(async () => {
    provider = await startOddIdentityProvider()
  })
  afterAll(() => provider.stop())
  afterEach(() => provider.beHonest())

  const start = async (env: Record<string, string>) => {
    const hub = await startHub({
      db: database.db,
      identityProvider: provider,
      env: { OIDC_PROVIDER_CLIENT_SECRET: '', ...env },
    })
    hubs.push(hub)
    return hub
  }
  const knows = (...keys: KeyObject[]) => {
    provider.answers.client = { method: 'private_key_jwt', keys: keys.map(createPublicKey) }
  }
  const lists = (document: Record<string, unknown>) => {
    provider.answers.discovery = (honest) => ({ ...honest, ...document })
  }
  const expectRefused = async (hub: TestHub, status: number, sentence: string) => {
    const response = await hub.browser().signIn('ada')
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(sentence)
  }

  const ed25519 = generateKeyPairSync('ed25519').privateKey
  test.each<[string, KeyObject, string, object]>([
    ['RSA as PKCS#8', rsa, pemOf(rsa), { alg: 'RS256' }],
    ['RSA as PKCS#1', rsa, rsa.export({ type: 'pkcs1', format: 'pem' }), { alg: 'RS256' }],
    ['P-256 as SEC1', old, old.export({ type: 'sec1', format: 'pem' }), { alg: 'ES256' }],
    ['Ed25519', ed25519, pemOf(ed25519), { alg: 'EdDSA' }],
    [
      'a JWK, by its kid and alg',
      rsa,
      JSON.stringify({ ...rsa.export({ format: 'jwk' }), kid: 'hub-1', alg: 'PS256' }),
      { alg: 'PS256', kid: 'hub-1' },
    ],
  ])('signs with a key of %s', async (_name, key, content, header) => {
    const hub = await start({ OIDC_PROVIDER_CLIENT_KEY_FILE: await write(content) })
    knows(key)
    expect((await hub.browser().signIn('ada')).status).toBe(303)
    const { claims, header: sent } = provider.assertions.at(-1)!
    expect(sent).toEqual({ typ: 'client-authentication+jwt', ...header })
    expect(claims).toEqual({
      iss: provider.clientId,
      sub: provider.clientId,
      aud: provider.issuer,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: expect.any(Number),
      nbf: claims.iat,
      exp: claims.iat! + 70,
    })
    expect(textOf(hub)).toContain(
      '"method":"private_key_jwt","variable":"OIDC_PROVIDER_CLIENT_KEY_FILE"',
    )
  })

  test('signs as the metadata wants it, and says when it cannot', async () => {
    const hub = await start({ OIDC_PROVIDER_CLIENT_KEY_FILE: await write(pemOf(rsa)) })
    knows(rsa)
    lists({ token_endpoint_auth_signing_alg_values_supported: ['ES256', 'PS256'] })
    expect((await hub.browser().signIn('ada')).status).toBe(303)
    expect(provider.assertions.at(-1)!.header.alg).toBe('PS256')
    lists({ token_endpoint_auth_signing_alg_values_supported: ['ES256'] })
    const other = await start({ OIDC_PROVIDER_CLIENT_KEY_FILE: await write(pemOf(rsa)) })
    await expectRefused(other, 502, unproven)
    expect(textOf(other)).toContain(
      'signs by RS256, RS384, RS512, PS256, PS384, PS512, and the provider takes ES256',
    )
  })

  test('metadata that list other methods are believed, unless the configuration knows better', async () => {
    const key = { OIDC_PROVIDER_CLIENT_KEY_FILE: await write(pemOf(old)) }
    knows(old)
    lists({ token_endpoint_auth_methods_supported: ['client_secret_basic', 'none'] })
    const hub = await start(key)
    const before = provider.tokenRequests.length
    await expectRefused(hub, 502, unproven)
    expect(provider.tokenRequests).toHaveLength(before)
    expect(textOf(hub)).toContain('list client_secret_basic, none for the token endpoint')
    const sure = await start({ ...key, OIDC_PROVIDER_CLIENT_AUTH: 'private_key_jwt' })
    expect((await sure.browser().signIn('ada')).status).toBe(303)
  })

  test('is for the token endpoint where the provider takes nothing else', async () => {
    const key = { OIDC_PROVIDER_CLIENT_KEY_FILE: await write(pemOf(old)) }
    const audience = `${provider.issuer}/token`
    provider.answers.client = { method: 'private_key_jwt', keys: [createPublicKey(old)], audience }
    await expectRefused(await start(key), 401, 'refused the hub')
    const hub = await start({ ...key, OIDC_PROVIDER_ASSERTION_AUDIENCE: 'token_endpoint' })
    expect((await hub.browser().signIn('ada')).status).toBe(303)
    expect(provider.assertions.at(-1)!.header.typ).toBe('JWT')
  })

  test('each request has an assertion of its own: that which is pushed, and that for tokens', async () => {
    const hub = await start({ OIDC_PROVIDER_CLIENT_KEY_FILE: await write(pemOf(old)) })
    knows(old)
    provider.answers.wantsPush = true
    const before = provider.assertions.length
    expect((await hub.browser().signIn('ada')).status).toBe(303)
    expect((await hub.browser().signIn('ada')).status).toBe(303)
    const ids = provider.assertions.slice(before).map(({ claims }) => claims.jti)
    expect(new Set(ids).size).toBe(4)
  })

  test('a key that is replaced while the hub runs signs the next time', async () => {
    const path = await write(pemOf(old))
    const hub = await start({ OIDC_PROVIDER_CLIENT_KEY_FILE: path })
    knows(old, next)
    expect((await hub.browser().signIn('ada')).status).toBe(303)
    knows(next)
    await expectRefused(hub, 401, 'The identity provider refused the hub')
    await writeFile(path, pemOf(next))
    expect((await hub.browser().signIn('ada')).status).toBe(303)
  })

  test('a key that the provider does not know is refused, once, and shown nowhere', async () => {
    const hub = await start({ OIDC_PROVIDER_CLIENT_KEY_FILE: await write(pemOf(old)) })
    knows(next)
    const before = provider.tokenRequests.length
    await expectRefused(hub, 401, 'The identity provider refused the hub. Tell an administrator')
    expect(provider.tokenRequests).toHaveLength(before + 1)
    const sent = provider.tokenRequests.at(-1)!.body.get('client_assertion')!
    expect(textOf(hub)).toContain('token endpoint: invalid_client')
    expect(textOf(hub)).not.toContain(sent.split('.')[2])
    expect(textOf(hub)).not.toContain(pemOf(old).split('\n')[1])
  })

  test('an assertion of a hub whose clock is far behind is over', async () => {
    const hub = await start({ OIDC_PROVIDER_CLIENT_KEY_FILE: await write(pemOf(old)) })
    knows(old)
    hub.advance(-120_000)
    await expectRefused(hub, 401, 'The identity provider refused the hub')
  })

  const broken = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw'
  test.each([
    [null, 'cannot be read (ENOENT)'],
    ['', 'is empty'],
    ['\n', 'is empty'],
    [broken, 'holds no private key; write one as PEM (PKCS#8) or as a JWK'],
  ])(
    'where the file of the key holds %j at a sign-in, people read whom to tell, and the log says why',
    async (content, reason) => {
      const path = await write(pemOf(old))
      const hub = await start({ OIDC_PROVIDER_CLIENT_KEY_FILE: path })
      knows(old)
      await (content === null ? rm(path) : writeFile(path, content))
      const before = provider.tokenRequests.length
      await expectRefused(hub, 502, unproven)
      expect(provider.tokenRequests).toHaveLength(before)
      expect(textOf(hub)).toContain(`OIDC_PROVIDER_CLIENT_KEY_FILE names ${path}, which ${reason}`)
      expect(textOf(hub)).not.toContain('MC4CAQAwBQYDK2Vw')
      await writeFile(path, pemOf(old))
      expect((await hub.browser().signIn('ada')).status).toBe(303)
    },
  )

  test('what cannot be proven takes nothing from anybody whose groups are looked up', async () => {
    const path = await write(pemOf(old))
    knows(old)
    provider.answers.moreTokens = { refresh_token: 'r1' }
    provider.answers.refreshed = () => ({ claims: { sub: 'grace', groups: ['ml'] } })
    const hub = await start({
      OIDC_PROVIDER_CLIENT_KEY_FILE: path,
      OIDC_PROVIDER_SCOPES: 'offline_access',
      GROUP_SYNC_INTERVAL: 'off',
    })
    await hub.browser().signIn('grace')
    const [idp] = createProviders({ config: hub.config, fetch, now: () => new Date() })
    const look = () =>
      idp!.readGroups({
        identity: { issuer: provider.issuer, subject: 'grace' },
        tokens: { refreshToken: 'r1' },
        signal: AbortSignal.timeout(20_000),
      })
    expect(await look()).toMatchObject({ proven: { groups: [{ id: 'ml' }] } })
    await rm(path)
    await expect(look()).rejects.toBeInstanceOf(TokenUnchanged)
  })

  describe('with the assertions that a platform gives', () => {
    const takesPlatform = () => {
      const keys = [createPublicKey(rsa)]
      provider.answers.client = { method: 'private_key_jwt', ...platform, keys, isOwn: false }
    }

    test('shows what is in the file at each use, and not what is over', async () => {
      takesPlatform()
      const path = await write(`${await project(provider.issuer)}\n`)
      const hub = await start({ OIDC_PROVIDER_CLIENT_ASSERTION_FILE: path })
      expect((await hub.browser().signIn('ada')).status).toBe(303)
      expect((await hub.browser().signIn('ada')).status).toBe(303)
      expect(textOf(hub)).toContain('"variable":"OIDC_PROVIDER_CLIENT_ASSERTION_FILE"')
      const over = await project(provider.issuer, { lifetime: -60 })
      await writeFile(path, over)
      const before = provider.tokenRequests.length
      await expectRefused(hub, 502, unproven)
      expect(provider.tokenRequests).toHaveLength(before)
      expect(textOf(hub)).toContain('look why its platform does not renew it')
      const renewed = await project(provider.issuer)
      await writeFile(path, renewed)
      expect((await hub.browser().signIn('ada')).status).toBe(303)
      for (const token of [over, renewed]) {
        expect(textOf(hub)).not.toContain(token.split('.')[2])
      }
    })

    test.each<[string, () => Promise<string>]>([
      ['for another provider', () => project('https://elsewhere.example')],
      ['of another platform', () => project(provider.issuer, { key: otherRsa })],
    ])('one %s is refused', async (_name, make) => {
      takesPlatform()
      const path = await write(await make())
      await expectRefused(
        await start({ OIDC_PROVIDER_CLIENT_ASSERTION_FILE: path }),
        401,
        'The identity provider refused the hub',
      )
    })

    test.each([
      [null, 'cannot be read (ENOENT)'],
      ['', 'is empty'],
      ['not a token', 'holds no JWT'],
    ])('where the file holds %j at a sign-in, the log says why', async (content, reason) => {
      takesPlatform()
      const path = await write(await project(provider.issuer))
      const hub = await start({ OIDC_PROVIDER_CLIENT_ASSERTION_FILE: path })
      await (content === null ? rm(path) : writeFile(path, content))
      await expectRefused(hub, 502, unproven)
      expect(textOf(hub)).toContain(
        `OIDC_PROVIDER_CLIENT_ASSERTION_FILE names ${path}, which ${reason}`,
      )
    })
  })
})

describe('an application without a secret in Entra', () => {
  let entra: Entra
  beforeAll(async () => {
    entra = await startEntra()
  })
  afterAll(() => entra.stop())
  afterEach(() => entra.beHonest())

  const start = async (env: Record<string, string>) => {
    const { AZURE_CLIENT_SECRET: _secret, ...rest } = entra.environment()
    const hub = await startHub({
      db: database.db,
      env: { ENABLED_AUTH_PROVIDERS: 'entra', ...rest, ...env },
    })
    hubs.push(hub)
    return hub
  }
  const signIn = async (hub: TestHub) => {
    const browser = hub.browser()
    const url = await browser.startLogin('', 'entra')
    return browser.finishLogin(entra.authorize(url, entra.addPerson()), 'entra')
  }

  test('proves itself by its certificate, and by the next one as soon as the file has it', async () => {
    const make = () => createCertificateAuthority('hub', { isRsa: true })
    const [first, second] = [await make(), await make()]
    const path = await write(`${first.certificate}\n${first.privateKey}`)
    const hub = await start({ AZURE_CLIENT_CERTIFICATE_PATH: path })
    entra.answers.certificate = first.certificate
    expect((await signIn(hub)).status).toBe(303)
    expect(entra.assertions.at(-1)).toMatchObject({
      header: { alg: 'PS256', typ: 'JWT', 'x5t#S256': expect.stringMatching(/^[\w-]{43}$/) },
      claims: { aud: `${entra.authority.origin}/${homeTenant}/oauth2/v2.0/token` },
    })
    entra.answers.certificate = second.certificate
    const refused = await signIn(hub)
    expect(refused.status).toBe(401)
    expect(await refused.text()).toContain('The identity provider refused the hub')
    expect(textOf(hub)).toContain('AADSTS700027')
    await writeFile(path, `${second.privateKey}\n${second.certificate}`)
    expect((await signIn(hub)).status).toBe(303)
    expect(textOf(hub)).toContain('"variable":"AZURE_CLIENT_CERTIFICATE_PATH"')
  })

  test('proves itself by workload identity, as the webhook sets it up', async () => {
    const path = await write(await project('api://AzureADTokenExchange'))
    const { ENTRA_AUTHORITY_URL: authority, ...rest } = entra.environment()
    const hub = await start({
      ...rest,
      AZURE_CLIENT_SECRET: '',
      ENTRA_AUTHORITY_URL: '',
      AZURE_AUTHORITY_HOST: `${authority}/`,
      AZURE_FEDERATED_TOKEN_FILE: path,
    })
    entra.answers.federated = { ...platform, keys: [createPublicKey(rsa)] }
    expect((await signIn(hub)).status).toBe(303)
    await writeFile(path, await project('api://AzureADTokenExchange', { key: otherRsa }))
    expect((await signIn(hub)).status).toBe(401)
    await writeFile(path, await project('api://AzureADTokenExchange'))
    expect((await signIn(hub)).status).toBe(303)
    await rm(path)
    const gone = await signIn(hub)
    expect(gone.status).toBe(502)
    expect(await gone.text()).toContain(unproven)
    expect(textOf(hub)).toContain(`AZURE_FEDERATED_TOKEN_FILE names ${path}, which cannot be read`)
  })

  test('a secret that is set goes before the token that the webhook gives to every pod', async () => {
    const hub = await start({
      AZURE_CLIENT_SECRET: entra.clientSecret,
      AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/tokens/azure-identity-token',
    })
    expect(hub.config.warnings.join()).toContain(
      'AZURE_FEDERATED_TOKEN_FILE is not used, because AZURE_CLIENT_SECRET is set',
    )
    expect((await signIn(hub)).status).toBe(303)
  })
})
