import type { Me } from '@hub/shared'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { hubOrigin, startHub, type TestHub } from '../../test/hub.ts'
import { joinKeycloak } from '../../test/join-keycloak.ts'
import type { HubRealm } from '../../test/keycloak.ts'

const home = process.env['KEYCLOAK_HOME']
const audience = 'kubeairunway-hub'
const secret = 'keycloak-client-secret'

const audienceMapper = {
  name: 'audience',
  protocol: 'openid-connect',
  protocolMapper: 'oidc-audience-mapper',
  config: { 'included.custom.audience': audience, 'access.token.claim': 'true' },
}

describe.skipIf(!home)('bearers of a real Keycloak', () => {
  let keycloak: HubRealm
  let database: TestDatabase
  let hub: TestHub

  beforeAll(async () => {
    const redirectUri = `${hubOrigin}/api/auth/callback/oidc`
    ;[keycloak, database] = await Promise.all([joinKeycloak({ redirectUri }), databases[0].open()])
    await createClients()
    hub = await startHub({
      db: database.db,
      env: {
        OIDC_PROVIDER_ISSUER: keycloak.issuer,
        OIDC_PROVIDER_CLIENT_ID: keycloak.clientId,
        OIDC_PROVIDER_CLIENT_SECRET: keycloak.clientSecret,
        JWT_ISSUERS: `${keycloak.issuer};${audience}`,
        HUB_GRANTS: JSON.stringify([
          { principal: `service:robot@${keycloak.issuer}`, role: 'viewer' },
        ]),
      },
    })
  }, 150_000)
  afterAll(async () => {
    await hub?.stop()
    await database?.dispose()
  })

  async function createClients() {
    const { access_token: admin } = await tokenOf(`${keycloak.url}/realms/master`, {
      grant_type: 'password',
      client_id: 'admin-cli',
      username: 'admin',
      password: keycloak.adminPassword,
    })
    const robot = {
      secret,
      serviceAccountsEnabled: true,
      standardFlowEnabled: false,
      publicClient: false,
    }
    for (const client of [
      { ...robot, clientId: 'robot', protocolMappers: [audienceMapper] },
      { ...robot, clientId: 'unmapped' },
      { ...robot, clientId: 'bare', fullScopeAllowed: false },
      {
        clientId: 'cli',
        publicClient: true,
        directAccessGrantsEnabled: true,
        protocolMappers: [audienceMapper],
      },
    ]) {
      const made = await fetch(`${keycloak.realmUrl}/clients`, {
        method: 'POST',
        headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
        body: JSON.stringify(client),
      })
      expect(made.status).toBe(201)
    }
  }

  async function tokenOf(issuer: string, parameters: Record<string, string>) {
    const answer = await fetch(`${issuer}/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams(parameters),
    })
    expect(answer.status).toBe(200)
    return (await answer.json()) as {
      access_token: string
      refresh_token: string
      id_token: string
    }
  }

  const programToken = async (clientId: string) => {
    const tokens = await tokenOf(keycloak.issuer, {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
    })
    return tokens.access_token
  }
  const personTokens = () =>
    tokenOf(keycloak.issuer, {
      grant_type: 'password',
      client_id: 'cli',
      scope: 'openid',
      username: keycloak.username,
      password: keycloak.password,
    })
  const ask = (token: string, path = '/api/auth/me') =>
    hub.app.request(`${hubOrigin}${path}`, { headers: { authorization: `Bearer ${token}` } })

  test('client credentials with an Audience mapper are a service principal', async () => {
    const response = await ask(await programToken('robot'), '/api/deployments')
    expect(response.status).toBe(200)
    const { servicePrincipals } = database.db.tables
    expect(await database.db.read.select().from(servicePrincipals)).toMatchObject([
      { clientId: 'robot', principal: `service:robot@${keycloak.issuer}` },
    ])
  })

  test('#29 without the mapper they are refused, and the log says what to add', async () => {
    const bare = await programToken('bare')
    expect(decodeJwt(bare).aud).toBeUndefined()
    expect((await ask(bare)).status).toBe(401)
    expect(hub.lines.join('')).toContain('token has no audience; add an Audience mapper')
    const unmapped = await programToken('unmapped')
    expect((await ask(unmapped)).status).toBe(401)
    expect(hub.lines.join('')).toContain(
      `token is for ${[decodeJwt(unmapped).aud].flat().join(' and ')}, not for ${audience}; add an Audience mapper`,
    )
  })

  test("a person's token is 403 before they signed in, and then theirs, refreshed too; #30 nothing else is", async () => {
    const tokens = await personTokens()
    expect((await ask(tokens.access_token)).status).toBe(403)
    const browser = hub.browser()
    await browser.finishLogin((await signInThere(await browser.startLogin())).searchParams)
    const person = (await (await browser.get('/api/auth/me')).json()) as Me
    const me = (await (await ask(tokens.access_token)).json()) as Me
    expect(me).toMatchObject({ principal: person.principal, displayName: 'Ada Lovelace' })
    const refreshed = await tokenOf(keycloak.issuer, {
      grant_type: 'refresh_token',
      client_id: 'cli',
      refresh_token: tokens.refresh_token,
    })
    expect((await ask(refreshed.access_token)).status).toBe(200)
    for (const other of [tokens.refresh_token, tokens.id_token]) {
      const response = await ask(other)
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
      expect(response.status).toBe(401)
    }
  })

  test('H15: neither id_token nor refresh token is a bearer, for whatever audience and whatever is said of the issuer', async () => {
    const tokens = await personTokens()
    for (const mark of ['', ';any']) {
      const other = await startHub({
        db: database.db,
        env: {
          OIDC_PROVIDER_ISSUER: keycloak.issuer,
          OIDC_PROVIDER_CLIENT_ID: keycloak.clientId,
          OIDC_PROVIDER_CLIENT_SECRET: keycloak.clientSecret,
          JWT_ISSUERS: ['cli', keycloak.issuer, audience]
            .map((each) => `${keycloak.issuer};${each}${mark}`)
            .join(),
        },
      })
      const askOther = (token: string) =>
        other.app.request(`${hubOrigin}/api/auth/me`, {
          headers: { authorization: `Bearer ${token}` },
        })
      expect((await askOther(tokens.access_token)).status).not.toBe(401)
      for (const token of [tokens.id_token, tokens.refresh_token]) {
        expect((await askOther(token)).status).toBe(401)
      }
      await other.stop()
    }
  })

  /** Fills in Keycloak's own form, as a browser would, and returns where it leads. */
  async function signInThere(authorizationUrl: URL): Promise<URL> {
    const page = await fetch(authorizationUrl, { redirect: 'manual' })
    const cookies = page.headers.getSetCookie().map((line) => line.split(';', 1)[0])
    const action = /<form[^>]+action="([^"]+)"/.exec(await page.text())![1]!
    const answer = await fetch(action.replaceAll('&amp;', '&'), {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: cookies.join('; ') },
      body: new URLSearchParams({ username: keycloak.username, password: keycloak.password }),
    })
    return new URL(answer.headers.get('location')!)
  }
})
