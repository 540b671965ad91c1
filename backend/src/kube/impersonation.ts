import { ClusterError } from './cluster-error.ts'

/** Whom the cluster takes a request for, instead of the hub's own credential. */
export type Impersonation = { user: string; groups: readonly string[] }

/**
 * The headers that say so: one line per group. Throws ClusterError `forbidden` for a name that is empty, reserved to
 * Kubernetes, or no plain header value, because a cluster that saw none would act with the hub's own rights.
 */
export function impersonationHeaders({ groups, user }: Impersonation): Record<string, string[]> {
  for (const name of [user, ...groups]) {
    if (!isImpersonable(name)) {
      throw new ClusterError('forbidden', {
        message: 'the hub acts for nobody whose name is empty, reserved to Kubernetes or not plain',
      })
    }
  }
  return {
    'impersonate-user': [user],
    ...(groups.length > 0 && { 'impersonate-group': [...groups] }),
  }
}

/** Printable ASCII without spaces, and none of Kubernetes' own identities. */
export function isImpersonable(name: string): boolean {
  return /^[\x21-\x7e]{1,512}$/.test(name) && !/^system:/i.test(name)
}
