import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { stringify as toYaml } from 'yaml'
import type { Authenticate } from './authentication.ts'
import { toAttributes } from './authorization.ts'
import { createObject } from './create.ts'
import { deleteCollection, deleteObject } from './delete.ts'
import { discover } from './discovery.ts'
import type { Impersonate } from './impersonation.ts'
import { listObjects } from './list.ts'
import { negotiate } from './negotiation.ts'
import type { Negotiated } from './negotiation.ts'
import { describeOpenApi } from './openapi.ts'
import { proxyService } from './service-proxy.ts'
import { streamLog } from './stream-log.ts'
import type { ApiResponse, ResourceContext, ServerContext } from './request-context.ts'
import { parseRequest } from './request-info.ts'
import type { ResourceRequest } from './request-info.ts'
import { collectionOf } from './resource.ts'
import type { Resource } from './resource.ts'
import { answerReview } from './reviews.ts'
import { ApiError, PathNotFound, methodNotAllowed, notFound } from './status.ts'
import { bindPod, createToken } from './subresources.ts'
import { toPartialMetadata, toTable } from './table.ts'
import { patchObject, updateObject } from './update.ts'
import { watchObjects } from './watch.ts'

export type HandlerOptions = {
  context: ServerContext
  authenticate: Authenticate
  impersonate: Impersonate
}

export function createRequestHandler(options: HandlerOptions) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const auditId = [request.headers['audit-id']].flat()[0]
    response.setHeader('audit-id', auditId ?? randomUUID())
    response.setHeader('cache-control', 'no-cache, private')
    answer(options, request, response).catch((error: unknown) => respondToError(response, error))
  }
}

/** Who, then may they, then is it there, then do it: the order in which Kubernetes decides. */
async function answer(
  { context, authenticate, impersonate }: HandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const info = parseRequest(request.method!, request.url!)
  const user = impersonate(request, info, await authenticate(request))
  context.authorizer.authorize(user, toAttributes(info))

  if (!info.isResource) {
    const found =
      describeOpenApi(context.registry, info.path) ??
      discover(
        context.registry,
        info.path,
        request.headers.host ?? String(request.headers[':authority'] ?? ''),
      )
    if (found === undefined || info.verb !== 'get') throw new PathNotFound()
    if (typeof found === 'string') respondInText(response, 200, found)
    else respond(response, { code: 200, body: found }, negotiate(request.headers.accept))
    return
  }
  // What stands behind it answers in the types that it has.
  const isProxied = info.subresource === 'proxy' && info.plural === 'services'
  const negotiated = negotiate(isProxied ? undefined : request.headers.accept)
  const review = answerReview(context, info, user, request)
  if (review) return respond(response, await review, negotiated)

  const resource = findResource(context, info)
  const namespace = resource.namespaced ? info.namespace : ''
  const resourceContext: ResourceContext = { ...context, request, info, resource, namespace, user }
  if (info.verb === 'watch') {
    watchObjects(resourceContext, negotiated.representation, response)
    return
  }
  if (info.verb === 'get' && info.subresource === 'log' && resource.kind === 'Pod') {
    streamLog(resourceContext, response)
    return
  }
  if (info.subresource === 'proxy' && resource.kind === 'Service') {
    return proxyService(resourceContext, response)
  }
  respond(response, await act(resourceContext, negotiated), negotiated)
}

function findResource({ registry, storage }: ServerContext, info: ResourceRequest): Resource {
  const { group, version, plural, name, namespace, subresource, verb } = info
  const resource = registry.find(group, version, plural)
  if (!resource) {
    const isKnownGroup = registry
      .all()
      .some((each) => each.group === group && each.version === version)
    const isBuiltin =
      isKnownGroup && !registry.all().some((each) => each.group === group && each.custom)
    throw isBuiltin ? genericNotFound() : new PathNotFound()
  }
  const isElsewhere = resource.namespaced
    ? namespace === '' && (name !== '' || verb === 'create') && verb !== 'list' && verb !== 'watch'
    : namespace !== '' && plural !== 'namespaces'
  if (isElsewhere) {
    if (resource.custom) throw new PathNotFound()
    throw verb === 'create' ? methodNotAllowed() : genericNotFound()
  }
  const isServed =
    subresource === '' ||
    (subresource === 'status' && resource.hasStatus) ||
    resource.subresources.some((each) => each.name === subresource)
  if (!isServed) {
    const exists = storage.find(collectionOf(resource), resource.namespaced ? namespace : '', name)
    throw resource.custom || exists ? notFound(resource, name) : genericNotFound()
  }
  return resource
}

async function act(context: ResourceContext, negotiated: Negotiated): Promise<ApiResponse> {
  const { info, resource, storage, namespace } = context
  const { subresource } = info
  if (subresource !== '' && subresource !== 'status') return actOnSubresource(context)
  switch (info.verb) {
    case 'get': {
      const stored = storage.find(collectionOf(resource), namespace, info.name)
      if (!stored) throw notFound(resource, info.name)
      const metadata = { resourceVersion: String(stored.revision) }
      const body =
        negotiated.representation === 'table'
          ? toTable(resource, [stored], metadata, info.query)
          : negotiated.representation === 'metadata'
            ? toPartialMetadata(stored.object)
            : stored.json
      return { code: 200, body }
    }
    case 'list':
      return listObjects(context, negotiated.representation)
    case 'create':
      if (subresource !== '') throw methodNotAllowed()
      return createObject(context)
    case 'update':
      if (info.name === '')
        throw resource.custom
          ? new ApiError(400, 'BadRequest', 'name must be provided')
          : methodNotAllowed()
      return updateObject(context)
    case 'patch':
      if (info.name === '') throw methodNotAllowed()
      return patchObject(context)
    case 'delete':
      if (subresource !== '') throw methodNotAllowed()
      return deleteObject(context)
    case 'deletecollection':
      if (resource.kind === 'Namespace') throw methodNotAllowed()
      return deleteCollection(context)
    default:
      throw methodNotAllowed()
  }
}

function actOnSubresource(context: ResourceContext): Promise<ApiResponse> {
  const { info, resource } = context
  if (info.verb === 'create' && resource.kind === 'Pod' && info.subresource === 'binding') {
    return bindPod(context)
  }
  if (
    info.verb === 'create' &&
    resource.kind === 'ServiceAccount' &&
    info.subresource === 'token'
  ) {
    return createToken(context)
  }
  throw methodNotAllowed()
}

function respond(
  response: ServerResponse,
  { code, body, warnings }: ApiResponse,
  { mediaType }: Negotiated,
): void {
  const json = typeof body === 'string' ? body : JSON.stringify(body)
  if (warnings?.length) {
    response.setHeader(
      'warning',
      warnings.map((text) => `299 - ${JSON.stringify(text)}`),
    )
  }
  const text = mediaType === 'application/yaml' ? toYaml(JSON.parse(json)) : json
  send(response, code, mediaType, text)
}

function respondInText(response: ServerResponse, code: number, text: string): void {
  response.setHeader('x-content-type-options', 'nosniff')
  send(response, code, 'text/plain; charset=utf-8', text)
}

export function respondToError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
  } else if (error instanceof PathNotFound) {
    respondInText(response, 404, '404 page not found\n')
  } else if (error instanceof ApiError) {
    const { status } = error
    const retryAfter = status.details?.retryAfterSeconds
    if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter))
    // The rest of a body that was refused unread would be taken for the next request.
    if (status.code === 413 && response.req.httpVersionMajor === 1)
      response.setHeader('connection', 'close')
    send(response, status.code, 'application/json', JSON.stringify(status))
  } else {
    const message = error instanceof Error ? error.message : String(error)
    const { status } = new ApiError(500, 'InternalError', `Internal error occurred: ${message}`)
    send(response, 500, 'application/json', JSON.stringify(status))
  }
}

function send(response: ServerResponse, code: number, type: string, text: string): void {
  response.writeHead(code, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

function genericNotFound(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})
}
