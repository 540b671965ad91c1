import { randomBytes } from 'node:crypto'
import { request } from 'node:https'
import { findKeycloak } from '../../backend/test/join-keycloak.ts'
import type { KeycloakPlace } from '../../backend/test/keycloak-offer.ts'
import { makeRealmKeys } from '../../backend/test/realm-keys.ts'

const redirectUris = ['http://localhost:8000', 'http://localhost:18000']

/** A realm at the Keycloak of this run, over TLS: a public client and one with a secret, both for kubectl, and one person. */
export async function joinRealm() {
  const keycloak = await findKeycloak()
  const { authority, url } = keycloak.tls
  const name = `kubectl-${randomBytes(4).toString('hex')}`
  const people = { username: 'vera', email: 'vera@example.org' }
  const [password, clientSecret] = [newSecret(), newSecret()]
  const ask = createAsker(keycloak, name)
  const addRealm = (realm: string) =>
    ask('POST', '/admin/realms', {
      realm,
      enabled: true,
      components: makeRealmKeys(),
      clients: [
        {
          clientId: 'kube',
          publicClient: true,
          redirectUris,
          directAccessGrantsEnabled: true,
          attributes: {
            'pkce.code.challenge.method': 'S256',
            'oauth2.device.authorization.grant.enabled': 'true',
          },
        },
        {
          clientId: 'kube-secret',
          secret: clientSecret,
          publicClient: false,
          redirectUris,
          serviceAccountsEnabled: true,
        },
      ],
      users: [
        {
          ...people,
          enabled: true,
          firstName: 'Vera',
          lastName: 'Rubin',
          emailVerified: true,
          realmRoles: ['offline_access'],
          credentials: [{ type: 'password', value: password, temporary: false }],
        },
      ],
    })
  await addRealm(name)
  const findUser = async () => {
    const users = await ask(
      'GET',
      `/admin/realms/${name}/users?exact=true&username=${people.username}`,
    )
    return (JSON.parse(users) as { id: string }[])[0]!.id
  }
  return {
    ...people,
    password,
    clientSecret,
    url,
    authority,
    issuer: `${url}/realms/${name}`,
    subject: await findUser(),
    /** Another issuer with the same clients and the same person. */
    addIssuer: async (suffix: string) => {
      await addRealm(`${name}-${suffix}`)
      return `${url}/realms/${name}-${suffix}`
    },
    /** An ID token of the client without a secret, which an issuer gives for the password. */
    idToken: async (issuer: string) => {
      const realm = issuer.slice(issuer.lastIndexOf('/') + 1)
      const form = { grant_type: 'password', client_id: 'kube', scope: 'openid profile email' }
      const tokens = await ask.token({ ...form, username: people.username, password }, realm)
      return (JSON.parse(tokens) as { id_token: string }).id_token
    },
    /** Whether Keycloak still renews by a token of the client without a secret. */
    takesRefreshToken: async (token: string) => {
      const form = { grant_type: 'refresh_token', client_id: 'kube', refresh_token: token }
      return await ask.token(form).then(
        () => true,
        () => false,
      )
    },
  }
}

function newSecret(): string {
  return randomBytes(16).toString('hex')
}

/** The admin API, as its first administrator. */
function createAsker({ adminPassword, tls: { authority, url } }: KeycloakPlace, own: string) {
  const send = (method: string, path: string, headers: Record<string, string>, body?: string) =>
    new Promise<string>((resolve, reject) => {
      const asking = request(url + path, { method, headers, ca: authority }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.once('end', () => {
          if ((response.statusCode ?? 500) < 400) resolve(text)
          else reject(new Error(`Keycloak answered ${response.statusCode} to ${path}: ${text}`))
        })
      })
      asking.once('error', reject).end(body)
    })
  const askForToken = (realm: string, form: Record<string, string>) =>
    send(
      'POST',
      `/realms/${realm}/protocol/openid-connect/token`,
      { 'content-type': 'application/x-www-form-urlencoded' },
      new URLSearchParams(form).toString(),
    )
  const askAsAdmin = async (method: string, path: string, body?: unknown) => {
    const tokens = await askForToken('master', {
      grant_type: 'password',
      client_id: 'admin-cli',
      username: 'admin',
      password: adminPassword,
    })
    const { access_token: token } = JSON.parse(tokens) as { access_token: string }
    return send(
      method,
      path,
      { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body === undefined ? undefined : JSON.stringify(body),
    )
  }
  return Object.assign(askAsAdmin, {
    token: (form: Record<string, string>, realm = own) => askForToken(realm, form),
  })
}
