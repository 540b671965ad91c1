import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { readOidcToken, type OidcTrust } from './oidc-authenticator.ts'
import type { ServiceAccountTokens } from './service-account-tokens.ts'
import { unauthorized } from './status.ts'
import type { Storage } from './storage.ts'

/** Who asks, as Kubernetes' UserInfo says it. */
export type User = {
  username: string
  uid?: string
  groups: string[]
  extra?: Record<string, string[]>
}

export type Authenticate = (request: IncomingMessage) => User | Promise<User>

const credentialId = 'authentication.kubernetes.io/credential-id'

/** Client certificate first, then bearer token; neither is `system:anonymous`, a wrong one is 401. */
export function createAuthenticator(
  storage: Storage,
  tokens: ServiceAccountTokens,
  trust: OidcTrust | null,
): Authenticate {
  const byConnection = new WeakMap<TLSSocket, User>()

  return (request) => {
    const socket = request.socket as TLSSocket
    const known = byConnection.get(socket)
    if (known) return known
    const hasCertificate = Object.keys(socket.getPeerCertificate()).length > 0
    if (hasCertificate && socket.authorized) {
      const user = readCertificate(socket)
      byConnection.set(socket, user)
      return user
    }
    const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token !== undefined) return readToken(token)
    if (hasCertificate) throw unauthorized()
    return { username: 'system:anonymous', groups: ['system:unauthenticated'] }
  }

  function readToken(token: string): User | Promise<User> {
    const claims = tokens.read(token)
    if (!claims && trust) return readPersonsToken(token, trust)
    const account = claims && storage.find('serviceaccounts', claims.namespace, claims.name)
    // A token dies with its ServiceAccount, also when one of the same name follows.
    if (!claims || account?.object.metadata.uid !== claims.uid) throw unauthorized()
    return {
      username: `system:serviceaccount:${claims.namespace}:${claims.name}`,
      uid: claims.uid,
      groups: [...serviceAccountGroups(claims.namespace), 'system:authenticated'],
      extra: { [credentialId]: [`JTI=${claims.id}`] },
    }
  }
}

async function readPersonsToken(token: string, trust: OidcTrust): Promise<User> {
  const found = await readOidcToken(token, trust)
  if (!found) throw unauthorized()
  const { id, username } = found
  return {
    username,
    groups: ['system:authenticated'],
    extra: { [credentialId]: [`JTI=${id}`] },
  }
}

export function serviceAccountGroups(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
}

function readCertificate(socket: TLSSocket): User {
  const { subject, fingerprint256 } = socket.getPeerCertificate()
  const fingerprint = fingerprint256.replaceAll(':', '').toLowerCase()
  return {
    username: [subject.CN ?? ''].flat()[0]!,
    groups: [...[subject.O ?? []].flat(), 'system:authenticated'],
    extra: { [credentialId]: [`X509SHA256=${fingerprint}`] },
  }
}
