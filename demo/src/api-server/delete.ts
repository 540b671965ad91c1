import type { KubeObject, Untyped } from '../objects.ts'
import { now } from './create.ts'
import { readBody, toGoJsonError } from './decode-body.ts'
import { renderList, selectObjects } from './list.ts'
import { readInteger, readWriteOptions } from './request-context.ts'
import type { ApiResponse, ResourceContext } from './request-context.ts'
import { collectionOf } from './resource.ts'
import type { Resource } from './resource.ts'
import {
  badRequest,
  conflict,
  deleted,
  fieldError,
  forbidden,
  invalid,
  notFound,
  quote,
} from './status.ts'
import type { Storage, StoredObject } from './storage.ts'

type PropagationPolicy = 'Foreground' | 'Background' | 'Orphan'

export type DeleteOptions = {
  dryRun: boolean
  gracePeriodSeconds: number | undefined
  propagationPolicy: PropagationPolicy
  preconditions: { uid?: string; resourceVersion?: string }
}

const finalizerOf = { Foreground: 'foregroundDeletion', Orphan: 'orphan', Background: undefined }
const immortalNamespaces = ['default', 'kube-system', 'kube-public']

export async function deleteObject(context: ResourceContext): Promise<ApiResponse> {
  const { storage, resource, namespace, info } = context
  const options = await readDeleteOptions(context)
  const stored = storage.find(collectionOf(resource), namespace, info.name)
  if (!stored) throw notFound(resource, info.name)
  checkPreconditions(resource, stored, options.preconditions)
  const left = beginDeletion(storage, resource, stored, options)
  if (left.isGone && !resource.returnsDeletedObject) {
    return { code: 200, body: deleted(resource, info.name, stored.object.metadata.uid!) }
  }
  return { code: 200, body: left.object }
}

export async function deleteCollection(context: ResourceContext): Promise<ApiResponse> {
  const { storage, resource } = context
  const options = await readDeleteOptions(context)
  const list = await selectObjects(context)
  for (const stored of list.objects) beginDeletion(storage, resource, stored, options)
  return { code: 200, body: renderList(resource, list) }
}

/** Marks an object as ending, or removes it when nothing holds it up. */
export function beginDeletion(
  storage: Storage,
  resource: Resource,
  stored: StoredObject,
  options: Pick<DeleteOptions, 'dryRun' | 'gracePeriodSeconds' | 'propagationPolicy'>,
): { object: KubeObject; isGone: boolean } {
  const collection = collectionOf(resource)
  const { metadata } = stored.object
  if (resource.kind === 'Namespace') return beginNamespaceDeletion(storage, stored, options.dryRun)

  const graceful = resource.graceSeconds(stored.object)
  const grace = graceful === 0 ? 0 : (options.gracePeriodSeconds ?? graceful)
  const finalizer = finalizerOf[options.propagationPolicy]
  const finalizers = [...(metadata.finalizers ?? [])]
  if (finalizer !== undefined && !finalizers.includes(finalizer)) finalizers.push(finalizer)

  const isDeleting = metadata.deletionTimestamp !== undefined
  const isShortened = grace < (metadata.deletionGracePeriodSeconds ?? 0)
  const ending: KubeObject =
    isDeleting && !isShortened
      ? stored.object
      : {
          ...stored.object,
          metadata: {
            ...metadata,
            deletionTimestamp: isDeleting ? metadata.deletionTimestamp! : now(grace),
            deletionGracePeriodSeconds: grace,
            ...(finalizers.length > 0 && { finalizers }),
            ...(metadata.generation !== undefined && {
              generation: metadata.generation + (isDeleting ? 0 : 1),
            }),
          },
        }
  const remainingSeconds = ending.metadata.deletionGracePeriodSeconds ?? 0
  if (finalizers.length > 0 || remainingSeconds > 0) {
    if (ending === stored.object || options.dryRun) return { object: ending, isGone: false }
    return { object: storage.update(collection, stored, ending).object, isGone: false }
  }
  const last = resource.kind === 'Pod' ? ending : stored.object
  if (options.dryRun) return { object: last, isGone: true }
  return { object: storage.remove(collection, stored, last).object, isGone: true }
}

function beginNamespaceDeletion(
  storage: Storage,
  stored: StoredObject,
  dryRun: boolean,
): { object: KubeObject; isGone: boolean } {
  if (immortalNamespaces.includes(stored.name)) {
    const resource = { group: '', plural: 'namespaces' }
    throw forbidden(resource, stored.name, 'this namespace may not be deleted')
  }
  if (stored.object.metadata.deletionTimestamp !== undefined || dryRun) {
    return { object: stored.object, isGone: false }
  }
  const ending = {
    ...stored.object,
    metadata: { ...stored.object.metadata, deletionTimestamp: now() },
    status: { ...stored.object.status, phase: 'Terminating' },
  }
  return { object: storage.update('namespaces', stored, ending).object, isGone: false }
}

function checkPreconditions(
  resource: Resource,
  stored: StoredObject,
  { uid, resourceVersion }: DeleteOptions['preconditions'],
): void {
  const actual = stored.object.metadata
  const refuse = (why: string) => conflict(resource.group, resource.kind, stored.name, why)
  if (uid !== undefined && uid !== actual.uid) {
    throw refuse(
      `the UID in the precondition (${uid}) does not match the UID in record (${actual.uid}). The object might have been deleted and then recreated`,
    )
  }
  if (resourceVersion !== undefined && resourceVersion !== actual.resourceVersion) {
    throw refuse(
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${actual.resourceVersion}). The object might have been modified`,
    )
  }
}

async function readDeleteOptions({ request, info }: ResourceContext): Promise<DeleteOptions> {
  const { query } = info
  const { dryRun } = readWriteOptions(query, 'DeleteOptions')
  const body = parseOptions(await readBody(request))
  const propagationPolicy = body.propagationPolicy ?? query.get('propagationPolicy') ?? 'Background'
  if (!(propagationPolicy in finalizerOf)) {
    const supported = ['Foreground', 'Background', 'Orphan', 'nil']
    const error = fieldError.unsupported('propagationPolicy', propagationPolicy, supported)
    throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [error])
  }
  const resourceVersion = query.get('resourceVersion')
  return {
    dryRun: dryRun || body.dryRun?.includes('All') === true,
    gracePeriodSeconds: body.gracePeriodSeconds ?? readInteger(query, 'gracePeriodSeconds'),
    propagationPolicy,
    preconditions: body.preconditions ?? (resourceVersion ? { resourceVersion } : {}),
  }
}

function parseOptions(text: string): Untyped {
  if (text === '') return {}
  let body: Untyped
  try {
    body = JSON.parse(text)
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${toGoJsonError(error)}`)
  }
  if (body.kind !== undefined && body.kind !== 'DeleteOptions') {
    const version = quote(body.apiVersion ?? '')
    throw badRequest(
      `no kind ${quote(body.kind)} is registered for version ${version} in scheme "pkg/runtime/scheme.go:111"`,
    )
  }
  return body
}
