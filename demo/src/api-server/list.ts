import { setTimeout as delay } from 'node:timers/promises'
import type { Representation } from './negotiation.ts'
import { readInteger } from './request-context.ts'
import type { ApiResponse, ResourceContext } from './request-context.ts'
import { apiVersionOf, collectionOf } from './resource.ts'
import type { Resource } from './resource.ts'
import { parseFieldSelector, parseLabelSelector } from './selectors.ts'
import { ApiError, badRequest, fieldError, invalid } from './status.ts'
import type { Storage, StoredObject } from './storage.ts'
import { toPartialMetadata, toTable } from './table.ts'

export type SelectedObjects = {
  objects: StoredObject[]
  resourceVersion: string
  continue?: string
  remainingItemCount?: number
}

const futureWaitMs = 3_000

export async function listObjects(
  context: ResourceContext,
  representation: Representation,
): Promise<ApiResponse> {
  const { resource, info } = context
  const list = await selectObjects(context)
  if (representation === 'table') {
    return { code: 200, body: toTable(resource, list.objects, toListMetadata(list), info.query) }
  }
  if (representation === 'metadata') {
    return {
      code: 200,
      body: {
        kind: 'PartialObjectMetadataList',
        apiVersion: 'meta.k8s.io/v1',
        metadata: toListMetadata(list),
        items: list.objects.map((stored) => toPartialMetadata(stored.object)),
      },
    }
  }
  return { code: 200, body: renderList(resource, list) }
}

/** The list as JSON, joined from the objects' stored JSON. */
export function renderList(resource: Resource, list: SelectedObjects): string {
  const apiVersion = JSON.stringify(apiVersionOf(resource))
  const kind = JSON.stringify(resource.listKind)
  if (resource.custom) {
    const metadata = JSON.stringify({ continue: '', ...toListMetadata(list) })
    const items = list.objects.map((stored) => stored.json).join(',')
    return `{"apiVersion":${apiVersion},"items":[${items}],"kind":${kind},"metadata":${metadata}}`
  }
  // Items of built-in lists do not repeat their kind.
  const prefix = `{"kind":${JSON.stringify(resource.kind)},"apiVersion":${apiVersion},`.length
  const items = list.objects.map((stored) => `{${stored.json.slice(prefix)}`).join(',')
  const metadata = JSON.stringify(toListMetadata(list))
  return `{"kind":${kind},"apiVersion":${apiVersion},"metadata":${metadata},"items":[${items}]}`
}

export async function selectObjects({
  storage,
  resource,
  namespace,
  info,
}: ResourceContext): Promise<SelectedObjects> {
  const { query } = info
  const limit = readInteger(query, 'limit') ?? 0
  const token = query.get('continue') || undefined
  const resourceVersion = query.get('resourceVersion') ?? ''
  const match = query.get('resourceVersionMatch') ?? ''
  checkVersionOptions(resourceVersion, match, token)
  const labels = parseLabelSelector(query.get('labelSelector'))
  const fields = parseFieldSelector(query.get('fieldSelector'), resource.selectableFields)
  const isFiltered = Boolean(query.get('labelSelector') || query.get('fieldSelector'))

  const page = token === undefined ? undefined : decodeToken(token)
  const isExact = match === 'Exact'
  const wanted = resourceVersion === '' ? 0 : Number(resourceVersion)
  if (wanted > storage.revision()) await waitForRevision(storage, wanted)
  const atRevision = page ? (page.rv === -1 ? undefined : page.rv) : isExact ? wanted : undefined

  const collection = collectionOf(resource)
  const revision = atRevision ?? storage.revision()
  const all = storage.list(collection, {
    ...(namespace !== '' && { namespace }),
    ...(atRevision !== undefined && { atRevision }),
  })
  if (!all)
    throw page
      ? expiredToken(page.start)
      : expired('The resourceVersion for the provided list is too old.')
  const matching = all.filter(
    (stored) =>
      (!page || stored.key >= page.start) && labels(stored.object) && fields(stored.object),
  )
  // A list at "any" version comes from the watch cache, which does not page.
  const size = limit > 0 && resourceVersion !== '0' ? limit : matching.length
  const objects = matching.slice(0, size)
  const rest = matching.length - objects.length
  return {
    objects,
    resourceVersion: String(revision),
    ...(rest > 0 && { continue: encodeToken(revision, `${objects.at(-1)!.key}\0`) }),
    ...(rest > 0 && !isFiltered && { remainingItemCount: rest }),
  }
}

function toListMetadata(list: SelectedObjects): object {
  return {
    resourceVersion: list.resourceVersion,
    ...(list.continue !== undefined && { continue: list.continue }),
    ...(list.remainingItemCount !== undefined && { remainingItemCount: list.remainingItemCount }),
  }
}

function checkVersionOptions(version: string, match: string, token: string | undefined): void {
  const refuse = (error: ReturnType<typeof fieldError.forbidden>) =>
    invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [error])
  const field = 'resourceVersionMatch'
  if (match !== '') {
    if (version === '') {
      const detail = 'resourceVersionMatch is forbidden unless resourceVersion is provided'
      throw refuse(fieldError.forbidden(field, detail))
    }
    if (token !== undefined) {
      throw refuse(
        fieldError.forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'),
      )
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      throw refuse(fieldError.unsupported(field, match, ['Exact', 'NotOlderThan', '']))
    }
    if (match === 'Exact' && version === '0') {
      const detail = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
      throw refuse(fieldError.forbidden(field, detail))
    }
  }
  if (token !== undefined && version !== '' && version !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue')
  }
  if (version !== '')
    parseResourceVersion(version, (why) => badRequest(`invalid resource version: ${why}`))
}

export function parseResourceVersion(version: string, refuse: (why: string) => ApiError): number {
  if (/^\d+$/.test(version)) return Number(version)
  const value = JSON.stringify(version)
  throw refuse(
    `resourceVersion: Invalid value: ${value}: strconv.ParseUint: parsing ${value}: invalid syntax`,
  )
}

/** Kubernetes gives a version from the future three seconds to arrive. */
async function waitForRevision(storage: Storage, revision: number): Promise<void> {
  const deadline = Date.now() + futureWaitMs
  while (Date.now() < deadline) {
    await delay(50)
    if (storage.revision() >= revision) return
  }
  throw new ApiError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${revision}, current: ${storage.revision()}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  )
}

function encodeToken(rv: number, start: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv, start })).toString('base64url')
}

function decodeToken(token: string): { rv: number; start: string } {
  const text = Buffer.from(token, 'base64url').toString()
  try {
    const { v, rv, start } = JSON.parse(text)
    if (v === 'meta.k8s.io/v1' && typeof rv === 'number' && typeof start === 'string')
      return { rv, start }
  } catch {
    // refused below
  }
  const first = JSON.stringify(text.slice(0, 1)).slice(1, -1)
  throw badRequest(
    `invalid continue token: continue key is not valid: invalid character '${first}' looking for beginning of value`,
  )
}

function expired(message: string): ApiError {
  return new ApiError(410, 'Expired', message)
}

/** The refusal carries a token with which the rest can be had, though not of the same moment. */
function expiredToken(start: string): ApiError {
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  )
  error.status.metadata = { continue: encodeToken(-1, start) }
  return error
}
