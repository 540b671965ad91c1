import { randomUUID } from 'node:crypto'
import type { KubeObject } from '../objects.ts'
import { decodeObject, mediaTypeOf, parseObject, readBody } from './decode-body.ts'
import { finalizerWarnings, validateMetadata } from './object-metadata.ts'
import { checkQuota } from './quota.ts'
import { readWriteOptions } from './request-context.ts'
import type { ApiResponse, ResourceContext, ServerContext } from './request-context.ts'
import { collectionOf } from './resource.ts'
import type { Resource } from './resource.ts'
import { ApiError, alreadyExists, badRequest, invalid } from './status.ts'
import { validateValue } from './structural-schema.ts'

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

export async function createObject(context: ResourceContext): Promise<ApiResponse> {
  const { info, resource, admission } = context
  const options = readWriteOptions(info.query, 'CreateOptions')
  const raw = parseObject(await readBody(context.request), mediaTypeOf(context.request), resource)
  const { object, warnings } = decodeObject(raw, resource, options.fieldValidation)
  if (info.name !== '') object.metadata.name ||= info.name
  setNamespace(object, info.namespace, resource)
  if (resource.namespaced) {
    admission.checkNamespace(resource, info.namespace, object.metadata.name)
  }
  const request = {
    resource,
    operation: 'CREATE',
    oldObject: undefined,
    user: context.user,
    dryRun: options.dryRun,
  } as const
  const created = prepare(resource, await admission.mutate({ ...request, object }))
  validate(resource, created)
  const webhookWarnings = await admission.validate({ ...request, object: created })
  if (!options.dryRun) checkQuota(context, resource, created)
  return {
    code: 201,
    body: store(context, resource, created, options.dryRun),
    warnings: [...warnings, ...webhookWarnings, ...finalizerWarnings(object)],
  }
}

/** Creates an object as a request would, without one and unseen by webhooks: for the server's own bootstrap. */
export function createInternally(
  context: ServerContext,
  resource: Resource,
  object: KubeObject,
): KubeObject {
  const created = prepare(resource, structuredClone(object))
  validate(resource, created)
  return JSON.parse(store(context, resource, created, false))
}

function validate(resource: Resource, object: KubeObject): void {
  const errors = [
    ...validateMetadata(object.metadata, resource.nameRule),
    ...validateFields(resource, object),
  ]
  if (errors.length === 0) return
  throw invalid({ group: resource.group, kind: resource.kind }, object.metadata.name, errors)
}

/** The object as JSON, stored unless this is a dry run. Nothing happens between the look and the creation. */
function store(
  { storage }: ServerContext,
  resource: Resource,
  object: KubeObject,
  dryRun: boolean,
): string {
  const { name, namespace = '', resourceVersion } = object.metadata
  if (resourceVersion !== undefined) {
    throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created')
  }
  const collection = collectionOf(resource)
  const existing = storage.find(collection, namespace, name)
  if (existing) {
    throw alreadyExists(resource, name, existing.object.metadata.deletionTimestamp !== undefined)
  }
  return dryRun ? JSON.stringify(object) : storage.create(collection, object).json
}

export function setNamespace(object: KubeObject, namespace: string, resource: Resource): void {
  if (!resource.namespaced) {
    delete object.metadata.namespace
    return
  }
  if (object.metadata.namespace !== undefined && object.metadata.namespace !== namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  }
  object.metadata.namespace = namespace
}

export function validateFields(resource: Resource, object: KubeObject) {
  const { custom } = resource
  if (!custom) return resource.validate(object)
  return Object.entries(custom.schema.properties ?? {})
    .filter(([field]) => field !== 'metadata')
    .flatMap(([field, schema]) =>
      object[field] === undefined ? [] : validateValue(schema, object[field], field),
    )
    .concat(
      (custom.schema.required ?? [])
        .filter((field) => object[field] === undefined)
        .map((field) => ({ reason: 'FieldValueRequired', field, message: 'Required value' })),
    )
}

/** Everything a creator may not decide: identity, times, generation and status. */
function prepare(resource: Resource, decoded: KubeObject): KubeObject {
  const { deletionTimestamp, deletionGracePeriodSeconds, generation, ...metadata } =
    decoded.metadata
  const object: KubeObject = {
    ...decoded,
    metadata: {
      ...metadata,
      name: metadata.name || generateName(metadata.generateName),
      uid: randomUUID(),
      creationTimestamp: now(),
    },
  }
  if (resource.custom) {
    object.metadata.generation = 1
    if (resource.hasStatus) delete object.status
  }
  resource.prepareCreate(object)
  return object
}

function generateName(prefix: string | undefined): string {
  if (prefix === undefined) return ''
  const suffix = Array.from(
    { length: 5 },
    () => suffixAlphabet[Math.floor(Math.random() * suffixAlphabet.length)],
  )
  return prefix.slice(0, 58) + suffix.join('')
}

/** A time as Kubernetes writes it: whole seconds, UTC. */
export function now(offsetSeconds = 0): string {
  return new Date(Date.now() + offsetSeconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
}
