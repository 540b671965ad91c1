import { kubePath } from './kube-path.ts'
import { isRecord } from './objects.ts'
import type { KubeRequest, Transport } from './transport/transport.ts'

export type AccessAttributes = {
  verb: string
  group: string | null
  resource: string
  subresource?: string | null
  /** Of one object alone; without, of any. */
  name?: string | undefined
  /** Null: in every namespace, or of a kind that has none. */
  namespace: string | null
}

/**
 * Whether the cluster lets the credential, or whom it acts for, do this (SelfSubjectAccessReview). Throws ClusterError.
 */
export async function reviewAccess(
  transport: Transport,
  { group, name, namespace, resource, subresource = null, verb }: AccessAttributes,
  options: Pick<KubeRequest, 'impersonate' | 'ownToken' | 'requestId' | 'signal' | 'timeoutMs'>,
): Promise<boolean> {
  const { body } = await transport.request({
    ...options,
    method: 'POST',
    path: kubePath('apis', 'authorization.k8s.io', 'v1', 'selfsubjectaccessreviews'),
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: {
        resourceAttributes: {
          verb,
          group,
          resource,
          ...(subresource !== null && { subresource }),
          ...(namespace !== null && { namespace }),
          ...(name !== undefined && { name }),
        },
      },
    },
  })
  return isRecord(body) && isRecord(body.status) && body.status.allowed === true
}
