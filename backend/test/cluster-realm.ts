import { randomBytes } from 'node:crypto'
import { findKeycloak } from './join-keycloak.ts'
import { makeRealmKeys } from './realm-keys.ts'
import { createTrustingFetch } from './trusting-fetch.ts'

export type ClusterRealm = Awaited<ReturnType<typeof joinClusterRealm>>

/** What an API server trusts as audience, and the hub. */
export const audiences = { cluster: 'kubernetes', hub: 'mcp-server' }

type ClientOptions = { audiences: readonly string[]; [field: string]: unknown }

/**
 * A realm at the Keycloak of this run, over TLS as an API server needs it, with people, a client for each audience, one
 * that may exchange tokens, and ones by which people get tokens for one audience or both.
 */
export async function joinClusterRealm(options: { people: readonly string[] }) {
  const { adminPassword, tls } = await findKeycloak()
  const realm = `clusters-${randomBytes(4).toString('hex')}`
  const trusting = createTrustingFetch(tls.authority)
  const fetchThere = trusting.fetch
  const secret = () => randomBytes(16).toString('hex')
  const [password, exchangeSecret, portalSecret] = [secret(), secret(), secret()]
  const ask = createAsker(tls.url, fetchThere)
  const admin = { client_id: 'admin-cli', username: 'admin', password: adminPassword }
  try {
    const token = await ask.token('master', { grant_type: 'password', ...admin })
    await ask.json('/admin/realms', token, {
      realm,
      enabled: true,
      components: makeRealmKeys(),
      clients: [
        toClient('kubernetes', { audiences: [], publicClient: true }),
        toClient(audiences.hub, {
          audiences: [audiences.cluster],
          secret: exchangeSecret,
          attributes: { 'standard.token.exchange.enabled': 'true' },
        }),
        toClient('portal', { audiences: [], secret: portalSecret }),
        toClient('agent', agentFor([audiences.hub, audiences.cluster])),
        toClient('agent-of-hub', agentFor([audiences.hub])),
        toClient('short-agent', {
          ...agentFor([audiences.hub, audiences.cluster]),
          attributes: { 'access.token.lifespan': '8' },
        }),
      ],
      users: options.people.map((username) => ({
        username,
        email: `${username}@example.org`,
        emailVerified: true,
        enabled: true,
        firstName: username,
        lastName: 'Example',
        credentials: [{ type: 'password', value: password, temporary: false }],
      })),
    })
  } catch (error) {
    await trusting.close()
    throw error
  }
  return {
    issuer: `${tls.url}/realms/${realm}`,
    authority: tls.authority,
    fetch: fetchThere,
    exchangeSecret,
    portalSecret,
    /** An access token that a person got through one of the agents. */
    token: (username: string, client: 'agent' | 'agent-of-hub' | 'short-agent' = 'agent') =>
      ask.token(realm, {
        grant_type: 'password',
        client_id: client,
        username,
        password,
        scope: 'openid profile email',
      }),
    leave: trusting.close,
  }
}

function agentFor(names: readonly string[]): ClientOptions {
  return { audiences: names, publicClient: true, directAccessGrantsEnabled: true }
}

function toClient(clientId: string, { audiences: names, ...client }: ClientOptions) {
  return {
    clientId,
    standardFlowEnabled: false,
    publicClient: false,
    ...client,
    protocolMappers: names.map((name) => ({
      name: `audience ${name}`,
      protocol: 'openid-connect',
      protocolMapper: 'oidc-audience-mapper',
      config: { 'included.client.audience': name, 'access.token.claim': 'true' },
    })),
  }
}

function createAsker(url: string, fetchThere: typeof fetch) {
  const read = async (answer: Response) => {
    const text = await answer.text()
    if (!answer.ok) throw new Error(`Keycloak answered ${answer.status}: ${text}`)
    return text
  }
  return {
    token: async (realm: string, form: Record<string, string>) => {
      const answer = await fetchThere(`${url}/realms/${realm}/protocol/openid-connect/token`, {
        method: 'POST',
        body: new URLSearchParams(form),
      })
      return (JSON.parse(await read(answer)) as { access_token: string }).access_token
    },
    json: async (path: string, token: string, body: unknown) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const init = { method: 'POST', headers, body: JSON.stringify(body) }
      await read(await fetchThere(url + path, init))
    },
  }
}
