import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority } from '@hub/demo'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { hubOrigin, startHub, type TestHub } from '../../test/hub.ts'
import { joinKeycloak } from '../../test/join-keycloak.ts'
import type { HubRealm } from '../../test/keycloak.ts'
import { signInThere } from '../../test/visit-keycloak.ts'

const home = process.env['KEYCLOAK_HOME']

/** Of one more key with every rotation, under a name of its own. */
function makeKey(kid: string, alg: string, key: KeyObject) {
  const publicKey = createPublicKey(key).export({ format: 'jwk' })
  return {
    file: JSON.stringify({ ...key.export({ format: 'jwk' }), kid }),
    published: { ...publicKey, kid, alg, use: 'sig' },
  }
}

describe.skipIf(!home)('sign-in at a real Keycloak by a client without a secret', () => {
  let keycloak: HubRealm
  let database: TestDatabase
  let folder: string
  const hubs: TestHub[] = []

  beforeAll(async () => {
    const redirectUri = `${hubOrigin}/api/auth/callback/oidc`
    ;[keycloak, database, folder] = await Promise.all([
      joinKeycloak({ redirectUri }),
      databases[0].open(),
      mkdtemp(join(tmpdir(), 'keycloak-key-')),
    ])
  }, 150_000)
  afterAll(async () => {
    await Promise.all(hubs.map((hub) => hub.stop()))
    await database?.dispose()
    await rm(folder, { recursive: true, force: true })
  })

  const start = async (path: string, env: Record<string, string> = {}) => {
    const hub = await startHub({
      db: database.db,
      env: {
        OIDC_PROVIDER_ISSUER: keycloak.issuer,
        OIDC_PROVIDER_CLIENT_ID: keycloak.clientId,
        OIDC_PROVIDER_CLIENT_SECRET: '',
        OIDC_PROVIDER_CLIENT_KEY_FILE: path,
        ...env,
      },
    })
    hubs.push(hub)
    return hub
  }
  const signIn = async (hub: TestHub) => {
    const browser = hub.browser()
    const callback = await signInThere(await browser.startLogin(), keycloak)
    return browser.finishLogin(callback.searchParams)
  }
  const publish = (...keys: object[]) =>
    keycloak.setClientKey({ 'use.jwks.string': 'true', 'jwks.string': JSON.stringify({ keys }) })

  test('by the keys that it has of the client, also after the file has the next one', async () => {
    const [first, second] = [
      makeKey('2026-1', 'ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
      makeKey('2026-2', 'RS256', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    ]
    const path = join(folder, 'key.json')
    await writeFile(path, first.file)
    const hub = await start(path)
    await publish(first.published, second.published)
    expect((await signIn(hub)).status).toBe(303)
    await writeFile(path, second.file)
    expect((await signIn(hub)).status).toBe(303)
    await publish(second.published)
    expect((await signIn(hub)).status).toBe(303)
    // The first one is withdrawn there.
    await writeFile(path, first.file)
    const refused = await signIn(hub)
    expect(refused.status).toBe(401)
    expect(await refused.text()).toContain('The identity provider refused the hub')
    expect(hub.lines.join('')).toContain('token endpoint: ')
    expect(hub.lines.join('')).toContain('"method":"private_key_jwt"')
  })

  test.each([
    ['its issuer', {}],
    ['its token endpoint', { OIDC_PROVIDER_ASSERTION_AUDIENCE: 'token_endpoint' }],
  ])('by a certificate, with an assertion for %s', async (_name, env) => {
    const { certificate, privateKey } = await createCertificateAuthority('hub', { isRsa: true })
    const path = join(folder, 'hub.pem')
    await writeFile(path, `${certificate}\n${privateKey}`)
    const hub = await start(path, env)
    const der = certificate.replaceAll(/-----[A-Z ]+-----|\s/g, '')
    await keycloak.setClientKey({ 'use.jwks.string': 'false', 'jwt.credential.certificate': der })
    expect((await signIn(hub)).status).toBe(303)
  })

  test('not by the secret that it had', async () => {
    const path = join(folder, 'none')
    await writeFile(path, generateKeyPairSync('ed25519').privateKey.export(pkcs8))
    expect((await signIn(await start(path))).status).toBe(401)
    const secret = keycloak.clientSecret
    const hub = await start('', { OIDC_PROVIDER_CLIENT_SECRET: secret })
    expect((await signIn(hub)).status).toBe(401)
    expect(hub.lines.join('')).not.toContain(secret)
  })
})

const pkcs8 = { type: 'pkcs8', format: 'pem' } as const
