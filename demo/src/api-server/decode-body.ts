import type { IncomingMessage } from 'node:http'
import { parse as parseYaml } from 'yaml'
import type { KubeObject, Untyped } from '../objects.ts'
import { decodeMetadata } from './object-metadata.ts'
import { apiVersionOf } from './resource.ts'
import type { Resource } from './resource.ts'
import { ApiError, badRequest, fieldError, invalid, quote, unsupportedMediaType } from './status.ts'
import { applyDefaults, pruneUnknownFields } from './structural-schema.ts'

const bodyBytesMax = 3 * 1024 * 1024
const objectMediaTypes = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
]

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) {
      throw new ApiError(
        413,
        'RequestEntityTooLarge',
        `Request entity too large: limit is ${bodyBytesMax}`,
      )
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

export function mediaTypeOf(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? 'application/json').split(';')[0]!.trim().toLowerCase()
}

/** JSON or YAML text to a value that has a kind, as far as `resource` cannot tell it. */
export function parseObject(text: string, mediaType: string, resource: Resource): Untyped {
  if (mediaType !== 'application/json' && mediaType !== 'application/yaml') {
    throw unsupportedMediaType(objectMediaTypes)
  }
  const unrecognized = (why: string) =>
    badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): ${why} (${excerpt(text)})`,
    )
  let value: Untyped
  try {
    value = mediaType === 'application/yaml' ? parseYaml(text) : JSON.parse(text)
  } catch (error) {
    throw unrecognized(`couldn't get version/kind; json parse error: ${toGoJsonError(error)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const type = Array.isArray(value) ? 'array' : typeof value
    throw unrecognized(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${type} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    )
  }
  if (resource.custom) {
    for (const [field, label] of [
      ['kind', 'Kind'],
      ['apiVersion', 'apiVersion'],
    ] as const) {
      if (!value[field]) throw unrecognized(`Object '${label}' is missing in '${text}'`)
    }
  }
  return value
}

/** The body of a request whose kind its path tells: a review, a binding, a token request. */
export async function readReview(request: IncomingMessage): Promise<Untyped> {
  const text = await readBody(request)
  const mediaType = mediaTypeOf(request)
  if (mediaType !== 'application/json' && mediaType !== 'application/yaml') {
    throw unsupportedMediaType(objectMediaTypes)
  }
  try {
    return (mediaType === 'application/yaml' ? parseYaml(text) : JSON.parse(text || '{}')) ?? {}
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${toGoJsonError(error)}`)
  }
}

/** Names of top-level fields an object may have beside its own: the rest is unknown. */
const typeFields = new Set(['apiVersion', 'kind', 'metadata'])

/**
 * The object as the resource stores it: metadata checked, unknown fields pruned and answered as
 * warnings (or refused when strict), nulls dropped and defaults filled in.
 */
export function decodeObject(
  raw: Untyped,
  resource: Resource,
  fieldValidation: FieldValidation,
): { object: KubeObject; warnings: string[] } {
  const { object, unknownFields } = decodeLeniently(raw, resource)
  if (unknownFields.length === 0 || fieldValidation === 'Ignore') return { object, warnings: [] }
  if (fieldValidation === 'Strict') throw strictDecodingError(resource, unknownFields)
  return { object, warnings: unknownFields.map((field) => `unknown field ${quote(field)}`) }
}

/** As `decodeObject`, but leaves what to do about unknown fields to the caller. */
export function decodeLeniently(
  raw: Untyped,
  resource: Resource,
): { object: KubeObject; unknownFields: string[] } {
  const expected = apiVersionOf(resource)
  const { apiVersion = expected, kind = resource.kind } = raw
  if (apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    )
  }
  const describe = `${kind} in version ${quote(resource.version)} cannot be handled as a ${resource.kind}`
  if (kind !== resource.kind) {
    if (!resource.custom) {
      const from = apiVersion.split('/').at(-1)
      throw badRequest(
        `${describe}: converting (${from}.${kind}) to (${resource.group || 'core'}.${resource.kind}): unknown conversion`,
      )
    }
    const error = fieldError.invalid('kind', kind, `must be ${resource.kind}`)
    throw invalid({ group: resource.group, kind }, raw.metadata?.name ?? '', [error])
  }
  const { metadata, unknownFields } = decodeMetadata(raw.metadata, describe)
  const object: KubeObject = { apiVersion, kind, metadata }
  for (const [field, value] of Object.entries(raw)) {
    if (!typeFields.has(field) && value !== null) object[field] = structuredClone(value)
  }
  if (resource.custom) {
    const { schema } = resource.custom
    const open = { ...schema, properties: { ...schema.properties, ...anyTypeFields } }
    unknownFields.push(...pruneUnknownFields(open, object, '').toSorted())
    applyDefaults(open, object)
  }
  return { object, unknownFields }
}

const anyValue = { 'x-kubernetes-preserve-unknown-fields': true }
const anyTypeFields = { apiVersion: anyValue, kind: anyValue, metadata: anyValue }

export function strictDecodingError(
  resource: Resource,
  unknownFields: readonly string[],
): ApiError {
  const fields = unknownFields.map((field) => `unknown field ${quote(field)}`).join(', ')
  return badRequest(
    `${resource.kind} in version ${quote(resource.version)} cannot be handled as a ${resource.kind}: strict decoding error: ${fields}`,
  )
}

export function toGoJsonError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const unexpected = /Unexpected token '?(.)'?/u.exec(message)?.[1]
  return unexpected === undefined
    ? 'unexpected end of JSON input'
    : `invalid character '${unexpected}' looking for beginning of value`
}

function excerpt(text: string): string {
  if (text === '') return '<empty>'
  if (!text.startsWith('{')) return Buffer.from(text).toString('hex').slice(0, 60)
  return text.length > 30 ? `${text.slice(0, 30)} ...` : text
}
