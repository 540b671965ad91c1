import { randomBytes } from 'node:crypto'
import type { KeycloakPlace } from './keycloak-offer.ts'
import { makeRealmKeys } from './realm-keys.ts'

export type HubRealm = Awaited<ReturnType<typeof createHubRealm>>

/** Of kubectl's sign-in to clusters, without a secret. */
export const publicClientId = 'kubernetes'

const toGroups = {
  name: 'groups',
  protocol: 'openid-connect',
  protocolMapper: 'oidc-group-membership-mapper',
  config: {
    'claim.name': 'groups',
    'full.path': 'false',
    'id.token.claim': 'true',
    'access.token.claim': 'true',
    'userinfo.token.claim': 'true',
  },
}

/**
 * A realm of its own with two groups, a public client, one confidential client whose tokens name groups, and one person, who is in one of
 * the groups and has one realm role.
 */
export async function createHubRealm(
  { adminPassword, url }: KeycloakPlace,
  { redirectUri }: { redirectUri: string },
) {
  const name = `hub-${randomBytes(4).toString('hex')}`
  const realm = {
    issuer: `${url}/realms/${name}`,
    clientId: 'hub',
    clientSecret: randomBytes(16).toString('hex'),
    username: 'ada',
    password: randomBytes(16).toString('hex'),
  }
  const signIn = () => signInAsAdmin(url, adminPassword)
  await createRealm(url, await signIn(), { ...realm, name, redirectUri })
  const admin = { realmUrl: `${url}/admin/realms/${name}`, signIn }
  return {
    ...realm,
    url,
    adminPassword,
    /** Where the realm's administrators change it. */
    realmUrl: admin.realmUrl,
    setMembership: (group: string, isMember: boolean) =>
      setMembership(admin, { username: realm.username, group, isMember }),
    /** Disables the person, or lets them in again. */
    setEnabled: (enabled: boolean) => setEnabled(admin, { username: realm.username, enabled }),
    /** Takes a realm role from the person, or gives it. */
    setRole: (role: string, isGiven: boolean) =>
      setRole(admin, { username: realm.username, role, isGiven }),
    /** Has the confidential client prove itself by signed assertions, which what is in `attributes` verifies; its secret is good no more. */
    setClientKey: (attributes: Record<string, string>) =>
      setClientKey(admin, { clientId: realm.clientId, attributes }),
    /** For how long its access and ID tokens are good from now on. */
    setTokenLifespan: (seconds: number) => setTokenLifespan(admin, seconds),
    /** Ends the person's sessions, as an administrator does. */
    endSessions: () => endSessions(admin, realm.username),
  }
}

type Admin = { realmUrl: string; signIn: () => Promise<string> }

async function createRealm(
  url: string,
  token: string,
  realm: {
    name: string
    clientId: string
    clientSecret: string
    username: string
    password: string
    redirectUri: string
  },
): Promise<void> {
  const created = await fetch(`${url}/admin/realms`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      realm: realm.name,
      enabled: true,
      sslRequired: 'none',
      components: makeRealmKeys(),
      clients: [
        {
          clientId: realm.clientId,
          secret: realm.clientSecret,
          redirectUris: [realm.redirectUri],
          standardFlowEnabled: true,
          publicClient: false,
          attributes: {
            'pkce.code.challenge.method': 'S256',
            'post.logout.redirect.uris': `${new URL(realm.redirectUri).origin}/*`,
          },
          protocolMappers: [
            toGroups,
            {
              name: 'realm roles',
              protocol: 'openid-connect',
              protocolMapper: 'oidc-usermodel-realm-role-mapper',
              config: {
                'claim.name': 'realm_access.roles',
                'jsonType.label': 'String',
                multivalued: 'true',
                'id.token.claim': 'true',
              },
            },
          ],
        },
        {
          // As kubectl's plugin has it.
          clientId: publicClientId,
          publicClient: true,
          redirectUris: [`${new URL(realm.redirectUri).origin}/cluster-sign-in`],
          standardFlowEnabled: true,
          attributes: {
            'pkce.code.challenge.method': 'S256',
            'oauth2.device.authorization.grant.enabled': 'true',
          },
          protocolMappers: [toGroups],
        },
      ],
      groups: [{ name: 'ml-team' }, { name: 'platform' }],
      roles: { realm: [{ name: 'hub-deployer' }] },
      users: [
        {
          username: realm.username,
          enabled: true,
          firstName: 'Ada',
          lastName: 'Lovelace',
          email: 'ada@example.com',
          emailVerified: true,
          groups: ['/ml-team'],
          // As people have it whom nobody imported.
          realmRoles: ['hub-deployer', 'offline_access'],
          credentials: [{ type: 'password', value: realm.password, temporary: false }],
        },
      ],
    }),
  })
  if (created.status !== 201) throw new Error(`Keycloak answered ${created.status} to the realm.`)
}

async function signInAsAdmin(url: string, password: string): Promise<string> {
  const tokens = await fetch(`${url}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'password',
      client_id: 'admin-cli',
      username: 'admin',
      password,
    }),
  })
  const { access_token: token } = (await tokens.json()) as { access_token: string }
  return token
}

async function setClientKey(
  { realmUrl, signIn }: Admin,
  { attributes, clientId }: { clientId: string; attributes: Record<string, string> },
): Promise<void> {
  const headers = {
    authorization: `Bearer ${await signIn()}`,
    'content-type': 'application/json',
  }
  const clients = `${realmUrl}/clients`
  const found = await fetch(`${clients}?clientId=${clientId}`, { headers })
  const [client] = (await found.json()) as { id: string; attributes: Record<string, string> }[]
  const answer = await fetch(`${clients}/${client!.id}`, {
    method: 'PUT',
    headers,
    body: JSON.stringify({
      ...client,
      clientAuthenticatorType: 'client-jwt',
      attributes: { ...client!.attributes, ...attributes },
    }),
  })
  if (answer.status !== 204) throw new Error(`Keycloak answered ${answer.status} to the key.`)
}

async function setTokenLifespan({ realmUrl, signIn }: Admin, seconds: number): Promise<void> {
  const answer = await fetch(realmUrl, {
    method: 'PUT',
    headers: { authorization: `Bearer ${await signIn()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ accessTokenLifespan: seconds }),
  })
  if (answer.status !== 204) throw new Error(`Keycloak answered ${answer.status} to the lifespan.`)
}

async function endSessions({ realmUrl, signIn }: Admin, username: string): Promise<void> {
  const headers = { authorization: `Bearer ${await signIn()}` }
  const users = `${realmUrl}/users`
  const found = await fetch(`${users}?exact=true&username=${username}`, { headers })
  const [person] = (await found.json()) as Named[]
  const sessions = await fetch(`${users}/${person!.id}/sessions`, { headers })
  // One by one: "logout" would refuse every token from before this second, offline ones too.
  for (const { id } of (await sessions.json()) as { id: string }[]) {
    const answer = await fetch(`${realmUrl}/sessions/${id}`, {
      method: 'DELETE',
      headers,
    })
    if (answer.status !== 204) throw new Error(`Keycloak answered ${answer.status} to the end.`)
  }
}

type Named = { id: string; name: string }

async function setEnabled(
  { realmUrl, signIn }: Admin,
  { enabled, username }: { username: string; enabled: boolean },
): Promise<void> {
  const headers = {
    authorization: `Bearer ${await signIn()}`,
    'content-type': 'application/json',
  }
  const users = `${realmUrl}/users`
  const found = await fetch(`${users}?exact=true&username=${username}`, { headers })
  const [person] = (await found.json()) as Named[]
  const body = JSON.stringify({ ...person, enabled })
  const answer = await fetch(`${users}/${person!.id}`, { method: 'PUT', headers, body })
  if (answer.status !== 204) throw new Error(`Keycloak answered ${answer.status} to the change.`)
}

async function setRole(
  { realmUrl, signIn }: Admin,
  { isGiven, role, username }: { username: string; role: string; isGiven: boolean },
): Promise<void> {
  const headers = {
    authorization: `Bearer ${await signIn()}`,
    'content-type': 'application/json',
  }
  const found = await fetch(`${realmUrl}/users?exact=true&username=${username}`, { headers })
  const [person] = (await found.json()) as Named[]
  const known = await (await fetch(`${realmUrl}/roles/${role}`, { headers })).json()
  const answer = await fetch(`${realmUrl}/users/${person!.id}/role-mappings/realm`, {
    method: isGiven ? 'POST' : 'DELETE',
    headers,
    body: JSON.stringify([known]),
  })
  if (answer.status !== 204) throw new Error(`Keycloak answered ${answer.status} to the role.`)
}

/** Moves the person out of one group, or into it. */
async function setMembership(
  { realmUrl, signIn }: Admin,
  change: { username: string; group: string; isMember: boolean },
): Promise<void> {
  const headers = { authorization: `Bearer ${await signIn()}` }
  const read = async (path: string) =>
    (await (await fetch(`${realmUrl}/${path}`, { headers })).json()) as Named[]
  const [[person], groups] = await Promise.all([
    read(`users?exact=true&username=${change.username}`),
    read('groups'),
  ])
  const group = groups.find(({ name }) => name === change.group)
  const answer = await fetch(`${realmUrl}/users/${person!.id}/groups/${group!.id}`, {
    method: change.isMember ? 'PUT' : 'DELETE',
    headers,
  })
  if (answer.status !== 204) throw new Error(`Keycloak answered ${answer.status} to the group.`)
}
