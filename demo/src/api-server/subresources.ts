import type { KubeMetadata, KubeObject, Untyped } from '../objects.ts'
import { readReview } from './decode-body.ts'
import type { ApiResponse, ResourceContext } from './request-context.ts'
import { collectionOf } from './resource.ts'
import { badRequest, conflict, fieldError, invalid, notFound } from './status.ts'
import type { Storage, StoredObject } from './storage.ts'
import { tokenIssuer } from './service-account-tokens.ts'

const tokenSecondsMin = 600
const tokenSecondsDefault = 3600

/** POST pods/x/binding: what a scheduler sends to place a pod. */
export async function bindPod(context: ResourceContext): Promise<ApiResponse> {
  const { request, storage, resource, info } = context
  const binding = await readReview(request)
  const stored = findStored(context)
  const pod = stored.object
  const node = binding.target?.name
  if (!node) throw badRequest('Binding "" is invalid: target.name: Required value')
  if (pod.spec.nodeName) {
    const why = `pod ${pod.metadata.name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`
    throw conflict('', 'pods/binding', info.name, why)
  }
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  }
  const others = (pod.status?.conditions ?? []).filter(
    (each: Untyped) => each.type !== 'PodScheduled',
  )
  storage.update(collectionOf(resource), stored, {
    ...pod,
    metadata: withTopology(pod.metadata, storage, node),
    spec: { ...pod.spec, nodeName: node },
    status: { ...pod.status, conditions: [...others, scheduled] },
  })
  return {
    code: 201,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
  }
}

/** Kubernetes copies where a node is to the pods on it. */
function withTopology(metadata: KubeMetadata, storage: Storage, node: string): KubeMetadata {
  const labels = storage.find('nodes', '', node)?.object.metadata.labels ?? {}
  const topology = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone'].flatMap(
    (name) => (labels[name] ? [[name, labels[name]] as const] : []),
  )
  if (topology.length === 0) return metadata
  return { ...metadata, labels: { ...metadata.labels, ...Object.fromEntries(topology) } }
}

/** POST serviceaccounts/x/token: a TokenRequest. */
export async function createToken(context: ResourceContext): Promise<ApiResponse> {
  const { request, tokens } = context
  const { spec = {} } = await readReview(request)
  const account: KubeObject = findStored(context).object
  const seconds = spec.expirationSeconds ?? tokenSecondsDefault
  if (seconds < tokenSecondsMin) {
    const detail = 'may not specify a duration less than 10 minutes'
    const error = fieldError.invalid('spec.expirationSeconds', seconds, detail)
    throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [error])
  }
  const { token, expiresAt } = tokens.issue(account, seconds)
  const { name, namespace, uid, creationTimestamp } = account.metadata
  return {
    code: 201,
    body: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, uid, creationTimestamp },
      spec: { audiences: [tokenIssuer], expirationSeconds: seconds, boundObjectRef: null },
      status: { token, expirationTimestamp: expiresAt.toISOString().replace(/\.\d+Z$/, 'Z') },
    },
  }
}

function findStored({ storage, resource, namespace, info }: ResourceContext): StoredObject {
  const stored = storage.find(collectionOf(resource), namespace, info.name)
  if (!stored) throw notFound(resource, info.name)
  return stored
}
