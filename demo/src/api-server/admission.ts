import type { KubeObject } from '../objects.ts'
import type { Resource } from './resource.ts'
import { collectionOf } from './resource.ts'
import { ApiError, forbidden, notFound } from './status.ts'
import type { Storage } from './storage.ts'

type AdmissionReview = {
  operation: 'CREATE' | 'UPDATE'
  object: KubeObject
  oldObject: KubeObject | undefined
}

type ClusterReader = {
  find(group: string, plural: string, namespace: string, name: string): KubeObject | undefined
}

/** A pair of admission webhooks that runs inside the server instead of behind a URL. */
export type AdmissionWebhook = {
  readonly validatingName: string
  readonly group: string
  readonly plural: string
  mutate(review: AdmissionReview, cluster: ClusterReader): KubeObject
  /** `denial` is the sentence of a refusal; undefined admits. */
  validate(
    review: AdmissionReview,
    cluster: ClusterReader,
  ): { denial: string | undefined; warnings: readonly string[] }
}

export type Admission = {
  /** The namespace must exist and not be ending, for anything new in it. */
  checkNamespace(resource: Resource, namespace: string, name: string): void
  mutate(resource: Resource, review: AdmissionReview): KubeObject
  /** Answers warnings, or throws the webhook's denial. */
  validate(resource: Resource, review: AdmissionReview): string[]
}

export function createAdmission(
  storage: Storage,
  webhooks: readonly AdmissionWebhook[],
): Admission {
  const cluster: ClusterReader = {
    find: (group, plural, namespace, name) =>
      storage.find(collectionOf({ group, plural }), namespace, name)?.object,
  }
  const webhooksOf = (resource: Resource) =>
    webhooks.filter((each) => each.group === resource.group && each.plural === resource.plural)
  return {
    checkNamespace: (resource, namespace, name) => {
      const found = storage.find('namespaces', '', namespace)
      if (!found) throw notFound({ group: '', plural: 'namespaces' }, namespace)
      if (found.object.metadata.deletionTimestamp === undefined) return
      const why = `unable to create new content in namespace ${namespace} because it is being terminated`
      throw forbidden(resource, name, why, [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ])
    },
    mutate: (resource, review) =>
      webhooksOf(resource).reduce(
        (object, webhook) => webhook.mutate({ ...review, object }, cluster),
        review.object,
      ),
    validate: (resource, review) =>
      webhooksOf(resource).flatMap((webhook) => {
        const { denial, warnings } = webhook.validate(review, cluster)
        if (denial !== undefined) {
          const message = `admission webhook "${webhook.validatingName}" denied the request: ${denial}`
          throw new ApiError(403, 'Forbidden', message)
        }
        return [...warnings]
      }),
  }
}
