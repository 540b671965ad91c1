import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { quietLog } from '../../test/quiet-log.ts'
import { joinKeycloak } from '../../test/join-keycloak.ts'
import { createIntrospection } from './introspection.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 150_000 })

const home = process.env['KEYCLOAK_HOME']
const file = new URL('../../../deploy/inference-gateway/keycloak/realm.json', import.meta.url)

/** The tutorial's own client asks about its tokens, as the hub does with `OIDC_CLIENT_SECRET`. */
describe.skipIf(!home)('a real issuer that is asked about tokens', () => {
  let issuer: string
  let client: { clientId: string; secret: string }
  let admin: { url: string; token: () => Promise<string> }

  beforeAll(async () => {
    const { adminPassword, url } = await joinKeycloak({ redirectUri: 'http://localhost/callback' })
    const realm = JSON.parse(await readFile(file, 'utf8')) as { clients: (typeof client)[] }
    const name = `introspection-${randomBytes(4).toString('hex')}`
    issuer = `${url}/realms/${name}`
    client = realm.clients[0]!
    admin = {
      url: `${url}/admin/realms/${name}`,
      token: () =>
        fetchToken(`${url}/realms/master`, {
          grant_type: 'password',
          client_id: 'admin-cli',
          username: 'admin',
          password: adminPassword,
        }),
    }
    const made = await change(`${url}/admin/realms`, 'POST', { ...realm, realm: name })
    expect(made.status).toBe(201)
  })

  const change = async (url: string, method: string, body: object) =>
    fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${await admin.token()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    })
  const ask = (token: string, secret = client.secret) =>
    createIntrospection({
      config: { issuer, clientId: client.clientId, credential: { type: 'secret', secret } },
      fetch,
      now: () => new Date(),
      log: quietLog,
    }).verify(token)
  const get = () =>
    fetchToken(issuer, {
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: client.secret,
    })

  test('says whose a good one is, and until when', async () => {
    const before = Date.now()
    const read = await ask(await get())
    expect(read).toMatchObject({ issuer, clientId: client.clientId })
    expect(read.expiresAt.getTime()).toBeGreaterThan(before)
  })

  test.each([
    ['one that it never gave', async () => 'an-opaque-token-of-nobody'],
    ['one whose signature is another', async () => `${(await get()).slice(0, -8)}AAAAAAAA`],
  ])('says that %s is not active', async (_, token) => {
    await expect(ask(await token())).rejects.toThrow('not active')
  })

  test('lets nobody in where it does not take the secret', async () => {
    await expect(ask(await get(), 'another-secret')).rejects.toMatchObject({
      code: 'provider-unavailable',
    })
  })

  test('says that one is not active as soon as it was revoked, before its end', async () => {
    const token = await get()
    await expect(ask(token)).resolves.toMatchObject({ issuer })
    const notBefore = Math.floor(Date.now() / 1000) + 1
    expect((await change(admin.url, 'PUT', { notBefore })).status).toBe(204)
    await vi.waitFor(
      async () => {
        await expect(ask(token)).rejects.toThrow('not active')
      },
      { timeout: 20_000, interval: 200 },
    )
  })
})

async function fetchToken(realm: string, form: Record<string, string>): Promise<string> {
  const response = await fetch(`${realm}/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  const { access_token: token } = (await response.json()) as { access_token?: string }
  if (token === undefined) throw new Error(`no token, but status ${response.status}`)
  return token
}
