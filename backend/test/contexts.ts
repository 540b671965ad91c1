import type { Grant } from '@hub/shared'
import type { Actor, ClusterRightsOfUser, RequestContext } from '#context'
import type { Database } from '#db'
import { quietLog } from './quiet-log.ts'

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

/** What the clusters that know people said of somebody: nothing, but for this. */
export function clusterRightsOf(said: Partial<ClusterRightsOfUser> = {}): ClusterRightsOfUser {
  return {
    personal: new Set(),
    alone: new Set(),
    known: new Map(),
    visible: new Set(),
    creatable: new Set(),
    updatable: new Set(),
    deletable: new Set(),
    unanswered: new Map(),
    ...said,
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
