import { resolve } from 'node:path'
import type { Credential, CredentialList } from '@hub/shared'
import type { Config } from '#config'
import type { RequestContext } from '#context'
import { authorize, hubWide } from '#rbac'
import type { Instances } from './create-instances.ts'
import { describeReadOnly } from './credential-file.ts'
import type { CredentialFile } from './credentials-directory.ts'

export type CredentialDeps = {
  instances: Instances
  credentials: Config['credentials']
  local: Config['local']
}

/** Every file of the credentials directory and what became of it. Throws what `authorize` throws. */
export async function listCredentials(
  ctx: RequestContext,
  { credentials, instances, local }: CredentialDeps,
): Promise<CredentialList> {
  authorize(ctx, 'instance.manage', hubWide)
  return {
    items: instances.credentials().map((file) => presentCredential(instances, file)),
    directory: {
      path: local?.kubeconfigs.join(', ') ?? resolve(credentials.path),
      writable: local === null && (await describeReadOnly(credentials.path)) === null,
      problem: instances.problem(),
    },
  }
}

export function presentCredential(
  instances: Pick<Instances, 'find' | 'resting' | 'unanswered'>,
  { expiresAt, file, instance, rejection, since, warnings }: CredentialFile,
): Credential {
  const serving = instance === null ? null : instances.find(instance)
  const common = {
    file,
    instance,
    warnings: [...(serving?.warnings ?? warnings)],
    expiresAt: expiresAt?.toISOString() ?? null,
    cluster: serving && { state: serving.status.state, reason: serving.status.reason },
  }
  if (rejection) return { ...common, state: 'rejected', ...rejection, since }
  if (serving && instances.resting.has(serving.id)) {
    return {
      ...common,
      state: 'resting',
      ...describeRest(serving.clusterUid, instances.unanswered.has(serving.id)),
      since: serving.status.since,
    }
  }
  return { ...common, state: 'accepted', reason: null, fix: null, since }
}

function describeRest(
  clusterUid: string | null,
  isUnanswered: boolean,
): { reason: string; fix: string } {
  if (isUnanswered) {
    return {
      reason:
        'The hub could not check in its database whether it leads to the same cluster as before.',
      fix: 'Wait a moment: the hub checks again the next time it looks at the cluster.',
    }
  }
  if (clusterUid !== null) {
    return {
      reason: 'It now leads to a different cluster.',
      fix: 'Confirm that this is intended, or replace the credential.',
    }
  }
  return {
    reason:
      'It is not allowed to read the namespace "kube-system" of its cluster, so the hub cannot tell whether this is the same cluster as before.',
    fix: 'Allow it to get that namespace, confirm that this is the right cluster, or replace the credential.',
  }
}
