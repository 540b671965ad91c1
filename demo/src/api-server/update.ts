import { isDeepStrictEqual } from 'node:util'
import type { KubeObject, Untyped } from '../objects.ts'
import { setNamespace, validateFields } from './create.ts'
import {
  decodeLeniently,
  mediaTypeOf,
  parseObject,
  readBody,
  strictDecodingError,
  toGoJsonError,
} from './decode-body.ts'
import { applyJsonPatch } from './json-patch.ts'
import { applyMergePatch } from './merge-patch.ts'
import { finalizerWarnings, validateMetadata, validateMetadataUpdate } from './object-metadata.ts'
import { readWriteOptions } from './request-context.ts'
import type { ApiResponse, ResourceContext, WriteOptions } from './request-context.ts'
import { collectionOf } from './resource.ts'
import {
  badRequest,
  conflict,
  fieldError,
  invalid,
  notFound,
  objectModified,
  quote,
  unsupportedMediaType,
} from './status.ts'
import type { StoredObject } from './storage.ts'
import { validateValue } from './structural-schema.ts'

const mergePatch = 'application/merge-patch+json'
const jsonPatch = 'application/json-patch+json'

export async function updateObject(context: ResourceContext): Promise<ApiResponse> {
  const { request, info, resource } = context
  const options = readWriteOptions(info.query, 'UpdateOptions')
  const raw = parseObject(await readBody(request), mediaTypeOf(request), resource)
  const { object, unknownFields } = decodeLeniently(raw, resource)
  if (unknownFields.length > 0 && options.fieldValidation === 'Strict') {
    throw strictDecodingError(resource, unknownFields)
  }
  checkName(object, info.name)
  setNamespace(object, info.namespace, resource)
  return change(context, options, (previous) => {
    const { resourceVersion, uid } = object.metadata
    if (resourceVersion === undefined && resource.custom) {
      const error = fieldError.invalid(
        'metadata.resourceVersion',
        0,
        'must be specified for an update',
      )
      throw invalid({ group: resource.group, kind: resource.plural }, info.name, [error])
    }
    if (uid !== undefined && uid !== previous.object.metadata.uid) {
      const key = `/registry/${qualifyKey(context)}`
      const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${previous.object.metadata.uid}`
      throw conflict(resource.group, resource.plural, info.name, why)
    }
    return { object, unknownFields }
  })
}

export async function patchObject(context: ResourceContext): Promise<ApiResponse> {
  const { request, info, resource } = context
  const options = readWriteOptions(info.query, 'PatchOptions')
  const mediaType = mediaTypeOf(request)
  if (mediaType !== mergePatch && mediaType !== jsonPatch) {
    throw unsupportedMediaType([jsonPatch, mergePatch])
  }
  const text = await readBody(request)
  return change(context, options, (previous) => {
    const patch = parsePatch(text, mediaType)
    const patched =
      mediaType === mergePatch
        ? applyMergePatch(previous.object, patch)
        : applyJsonPatch(previous.object, patch)
    const { object, unknownFields } = decodeLeniently(patched, resource)
    if (unknownFields.length > 0 && options.fieldValidation === 'Strict') {
      const fields = unknownFields.map((field) => `unknown field ${quote(field)}`).join(', ')
      const value = JSON.stringify(patched)
      const error = fieldError.invalid('patch', value, `strict decoding error: ${fields}`)
      throw invalidPatch(error)
    }
    checkName(object, info.name)
    setNamespace(object, info.namespace, resource)
    return { object, unknownFields }
  })
}

type Change = (previous: StoredObject) => { object: KubeObject; unknownFields: readonly string[] }

/** Applies the change to the present object, again if that changed while webhooks were asked. */
async function change(
  context: ResourceContext,
  options: WriteOptions,
  toNext: Change,
): Promise<ApiResponse> {
  for (;;) {
    const previous = findStored(context)
    const { object, unknownFields } = toNext(previous)
    const answer = await replace(context, previous, object, options, unknownFields)
    if (answer) return answer
  }
}

/** The answer, or undefined when somebody else has changed the object meanwhile. */
async function replace(
  context: ResourceContext,
  previous: StoredObject,
  object: KubeObject,
  options: WriteOptions,
  unknownFields: readonly string[],
): Promise<ApiResponse | undefined> {
  const { storage, admission, info, resource, user } = context
  const { resourceVersion } = object.metadata
  if (resourceVersion !== undefined && resourceVersion !== String(previous.revision)) {
    throw objectModified(resource, info.name)
  }
  const isStatus = info.subresource === 'status'
  let next = isStatus
    ? withStatus(previous.object, object)
    : withSystemFields(context, previous.object, object)
  const warnings: string[] = []
  const review = {
    resource,
    operation: 'UPDATE',
    oldObject: previous.object,
    user,
    dryRun: options.dryRun,
  } as const
  if (!isStatus) {
    const mutated = await admission.mutate({ ...review, object: next })
    next = withGeneration(context, previous.object, mutated)
  }
  validateUpdate(context, next, previous.object, isStatus)
  if (!isStatus) warnings.push(...(await admission.validate({ ...review, object: next })))
  warnings.push(...finalizerWarnings(next))

  const collection = collectionOf(resource)
  const present = storage.find(collection, context.namespace, info.name)
  if (present?.revision !== previous.revision) return undefined
  const isUnchanged = isDeepStrictEqual(next, previous.object)
  // The last finalizer is gone: so is the object.
  const isGone = isFinished(next)
  let json: string
  if (isUnchanged && !isGone) json = previous.json
  else if (options.dryRun) json = JSON.stringify(next)
  else if (isGone) {
    json = JSON.stringify(next)
    storage.remove(collection, previous, next)
  } else json = storage.update(collection, previous, next).json
  const unknown = unknownFields.map((field) => `unknown field ${quote(field)}`)
  return {
    code: 200,
    body: json,
    warnings: options.fieldValidation === 'Ignore' ? warnings : [...unknown, ...warnings],
  }
}

/** Being deleted, with nobody left to wait for. */
function isFinished(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata
  return (
    deletionTimestamp !== undefined &&
    (deletionGracePeriodSeconds ?? 0) === 0 &&
    !finalizers?.length &&
    object.kind !== 'Namespace'
  )
}

function withStatus(previous: KubeObject, object: KubeObject): KubeObject {
  const { status, ...rest } = previous
  return object.status === undefined
    ? (rest as KubeObject)
    : { ...rest, metadata: previous.metadata, status: object.status }
}

function withSystemFields(
  { resource }: ResourceContext,
  previous: KubeObject,
  object: KubeObject,
): KubeObject {
  const { creationTimestamp, uid, generation, resourceVersion, deletionGracePeriodSeconds } =
    previous.metadata
  const next: KubeObject = {
    kind: previous.kind!,
    apiVersion: previous.apiVersion!,
    metadata: {
      ...object.metadata,
      uid: object.metadata.uid ?? uid!,
      creationTimestamp: creationTimestamp!,
      resourceVersion: resourceVersion!,
      ...(generation !== undefined && { generation }),
    },
  }
  if (generation === undefined) delete next.metadata.generation
  if (previous.metadata.deletionTimestamp !== undefined) {
    next.metadata.deletionTimestamp =
      object.metadata.deletionTimestamp ?? previous.metadata.deletionTimestamp
    if (deletionGracePeriodSeconds !== undefined) {
      next.metadata.deletionGracePeriodSeconds = deletionGracePeriodSeconds
    }
  }
  for (const [field, value] of Object.entries(object)) {
    if (!['apiVersion', 'kind', 'metadata'].includes(field)) next[field] = value
  }
  if (resource.hasStatus) {
    if (previous.status === undefined) delete next.status
    else next.status = previous.status
  }
  if (!resource.custom && next.spec === undefined && previous.spec !== undefined)
    next.spec = previous.spec
  if (next.kind === 'Namespace') {
    next.metadata.labels = {
      ...next.metadata.labels,
      'kubernetes.io/metadata.name': next.metadata.name,
    }
  }
  return next
}

/** The generation counts changes of what is wanted: not of metadata, not of status. */
function withGeneration(
  { resource }: ResourceContext,
  previous: KubeObject,
  next: KubeObject,
): KubeObject {
  const { generation } = previous.metadata
  if (generation === undefined) return next
  const { metadata: _a, status: _b, ...wanted } = next
  const { metadata: _c, status: _d, ...before } = previous
  const ignoresStatus = resource.hasStatus || isDeepStrictEqual(next.status, previous.status)
  if (ignoresStatus && isDeepStrictEqual(wanted, before)) return next
  return { ...next, metadata: { ...next.metadata, generation: generation + 1 } }
}

function validateUpdate(
  { resource, info }: ResourceContext,
  next: KubeObject,
  previous: KubeObject,
  isStatus: boolean,
): void {
  const metadataErrors = validateMetadataUpdate(next.metadata, previous.metadata)
  const errors = [
    ...validateMetadata(next.metadata, resource.nameRule),
    ...metadataErrors,
    // Kubernetes runs these twice for custom resources, and both show in the causes.
    ...(resource.custom ? metadataErrors : []),
    ...(isStatus ? validateStatus(resource, next) : validateFields(resource, next)),
    ...(isStatus || metadataErrors.length > 0 ? [] : resource.validateUpdate(next, previous)),
  ]
  if (errors.length > 0) {
    throw invalid({ group: resource.group, kind: resource.kind }, info.name, errors)
  }
}

function validateStatus(resource: ResourceContext['resource'], object: KubeObject) {
  const schema = resource.custom?.schema.properties?.status
  if (!schema || object.status === undefined) return []
  return validateValue(schema, object.status, 'status', '')
}

function parsePatch(text: string, mediaType: string): Untyped {
  let patch: unknown
  try {
    patch = JSON.parse(text)
  } catch (error) {
    throw badRequest(`error decoding patch: ${toGoJsonError(error)}`)
  }
  if (Array.isArray(patch) !== (mediaType === jsonPatch)) {
    const [actual, expected] = Array.isArray(patch)
      ? ['array', 'map[string]interface {}']
      : ['object', '[]handlers.jsonPatchOp']
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${actual} into Go value of type ${expected}`,
    )
  }
  return patch
}

function findStored({ storage, resource, namespace, info }: ResourceContext): StoredObject {
  const stored = storage.find(collectionOf(resource), namespace, info.name)
  if (!stored) throw notFound(resource, info.name)
  return stored
}

function checkName(object: KubeObject, name: string): void {
  const actual = object.metadata.name
  if (actual === '') {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    )
  }
  if (actual !== name) {
    throw badRequest(
      `the name of the object (${actual}) does not match the name on the URL (${name})`,
    )
  }
}

function invalidPatch(error: ReturnType<typeof fieldError.invalid>) {
  const refusal = invalid({ group: '', kind: '' }, '', [error])
  const { causes } = refusal.status.details!
  refusal.status.details = { causes: causes! }
  return refusal
}

function qualifyKey({ resource, info }: ResourceContext): string {
  const parts = [resource.group, resource.plural, info.namespace, info.name]
  return parts.filter((part) => part !== '').join('/')
}
