import { isDeepStrictEqual } from 'node:util'
import type { KubeObject, Untyped } from '../objects.ts'
import type { AdmissionRequest } from './admission-request.ts'
import { applyJsonPatch } from './json-patch.ts'
import { collectionOf } from './resource.ts'
import type { Resource } from './resource.ts'
import { ApiError, forbidden, notFound } from './status.ts'
import type { Storage } from './storage.ts'
import type { CallWebhook, Webhook } from './webhook-client.ts'

export type Admission = {
  /** The namespace must exist and not be ending, for anything new in it. */
  checkNamespace(resource: Resource, namespace: string, name: string): void
  /** The object as the mutating webhooks want it. */
  mutate(request: AdmissionRequest): Promise<KubeObject>
  /** Answers warnings, or throws the first denial. */
  validate(request: AdmissionRequest): Promise<string[]>
}

const group = 'admissionregistration.k8s.io'

export function createAdmission(storage: Storage, call: CallWebhook): Admission {
  const webhooksFor = (kind: 'mutating' | 'validating', request: AdmissionRequest): Webhook[] =>
    storage
      .list(collectionOf({ group, plural: `${kind}webhookconfigurations` }))!
      .flatMap(({ object }): Webhook[] => object['webhooks'] ?? [])
      .filter(({ rules }) => (rules ?? []).some((rule: Untyped) => concerns(rule, request)))
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
    mutate: async (request) => {
      let { object } = request
      for (const webhook of webhooksFor('mutating', request)) {
        const answer = await call(webhook, { ...request, object })
        refuseIfDenied(webhook, answer)
        if (!answer?.patch) continue
        const patch = JSON.parse(Buffer.from(answer.patch, 'base64').toString())
        const patched = applyJsonPatch(object, patch)
        if (!isDeepStrictEqual(patched, object)) object = patched
      }
      return object
    },
    validate: async (request) => {
      const webhooks = webhooksFor('validating', request)
      const answers = await Promise.all(webhooks.map((webhook) => call(webhook, request)))
      webhooks.forEach((webhook, i) => refuseIfDenied(webhook, answers[i]))
      return answers.flatMap((answer) => answer?.warnings ?? [])
    },
  }
}

function concerns(rule: Untyped, { operation, resource }: AdmissionRequest): boolean {
  const names = (list: string[] | undefined, name: string) =>
    (list ?? []).some((each) => each === '*' || each === name)
  return (
    names(rule.operations, operation) &&
    names(rule.apiGroups, resource.group) &&
    names(rule.apiVersions, resource.version) &&
    names(rule.resources, resource.plural)
  )
}

function refuseIfDenied({ name }: Webhook, answer: Untyped): void {
  if (answer === undefined || answer.allowed) return
  const { code = 400, message, reason = '' } = answer.status ?? {}
  const denied = `admission webhook "${name}" denied the request`
  throw new ApiError(code, reason, `${denied}${message ? `: ${message}` : ' without explanation'}`)
}
