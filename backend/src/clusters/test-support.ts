import { stringify } from 'yaml'
import type { Grant } from '@hub/shared'
import type { Actor, RequestContext } from '#context'
import type { Database } from '#db'
import type { ClusterCredential } from '#kube'
import { createLogger, type Logger } from '#log'

export const quietLog: Logger = createLogger('silent')

/** A kubeconfig for a credential. */
export function renderKubeconfig(credential: ClusterCredential): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    clusters: [
      {
        name: 'c',
        cluster: {
          server: credential.server,
          ...(credential.ca !== null && {
            'certificate-authority-data': Buffer.from(credential.ca).toString('base64'),
          }),
        },
      },
    ],
    users: [{ name: 'u', user: { token: credential.token } }],
  })
}

/** A credential of a cluster that is not there. */
export function nowhere(token = 'token'): ClusterCredential {
  return {
    server: 'https://127.0.0.1:1',
    ca: null,
    tlsServerName: null,
    proxyUrl: null,
    verifyTls: true,
    token,
    clientCertificate: null,
  }
}

export function grant(role: Grant['role'], scope: Partial<Grant> = {}): Grant {
  return {
    id: 'g',
    role,
    instanceId: null,
    namespaces: null,
    source: 'manual',
    endsAt: null,
    ...scope,
  }
}

/** The context of a person with these grants; null for nobody. */
export function contextOf(
  grants: Grant[] | null,
  overrides: Partial<RequestContext> = {},
): RequestContext {
  const actor: Actor =
    grants === null
      ? { type: 'anonymous' }
      : {
          type: 'user',
          userId: 'u',
          principal: 'oidc:someone',
          displayName: 'Someone',
          email: null,
          provider: 'oidc',
          credential: { type: 'session', id: 's', authenticatedAt: new Date(0) },
          grants,
          restingInstances: new Set(),
        }
  return {
    actor,
    requestId: 'request-1',
    ip: null,
    userAgent: null,
    now: () => new Date(),
    // The cluster side reads and writes no table.
    db: undefined as unknown as Database,
    log: quietLog,
    signal: new AbortController().signal,
    ...overrides,
  }
}
