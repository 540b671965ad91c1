import type { KubeStatus, KubeStatusCause, KubeStatusDetails } from '../objects.ts'

/** A refusal in Kubernetes' own words; the request handler turns it into the response. */
export class ApiError extends Error {
  readonly status: KubeStatus
  constructor(code: number, reason: string, message: string, details?: KubeStatusDetails) {
    super(message)
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason !== '' && { reason }),
      ...(details && { details }),
      code,
    }
  }
}

/** A path that nothing is served on: Kubernetes answers it in plain text. */
export class PathNotFound extends Error {}

export type GroupResource = { readonly group: string; readonly plural: string }
export type GroupKind = { readonly group: string; readonly kind: string }
export type FieldError = { reason: string; field: string; message: string }

/** `modeldeployments.airunway.ai`, or `pods` in the core group. */
export function qualify(name: string, group: string): string {
  return group === '' ? name : `${name}.${group}`
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message)
}

export function notFound(resource: GroupResource, name: string): ApiError {
  return new ApiError(
    404,
    'NotFound',
    `${qualify(resource.plural, resource.group)} ${quote(name)} not found`,
    describe(resource.group, resource.plural, name),
  )
}

export function alreadyExists(
  resource: GroupResource,
  name: string,
  isDeleting: boolean,
): ApiError {
  const prefix = isDeleting ? 'object is being deleted: ' : ''
  return new ApiError(
    409,
    'AlreadyExists',
    `${prefix}${qualify(resource.plural, resource.group)} ${quote(name)} already exists`,
    describe(resource.group, resource.plural, name),
  )
}

export function conflict(group: string, kindOrPlural: string, name: string, why: string): ApiError {
  return new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualify(kindOrPlural, group)} ${quote(name)}: ${why}`,
    describe(group, kindOrPlural, name),
  )
}

export function objectModified(resource: GroupResource, name: string): ApiError {
  return conflict(
    resource.group,
    resource.plural,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  )
}

export function forbidden(
  resource: GroupResource,
  name: string,
  why: string,
  causes?: KubeStatusCause[],
): ApiError {
  const subject = qualify(resource.plural, resource.group)
  return new ApiError(
    403,
    'Forbidden',
    name === ''
      ? `${subject} is forbidden: ${why}`
      : `${subject} ${quote(name)} is forbidden: ${why}`,
    { ...describe(resource.group, resource.plural, name), ...(causes && { causes }) },
  )
}

export function invalid(kind: GroupKind, name: string, errors: readonly FieldError[]): ApiError {
  const messages = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))]
  const summary = messages.length === 1 ? messages[0] : `[${messages.join(', ')}]`
  return new ApiError(
    422,
    'Invalid',
    `${qualify(kind.kind, kind.group)} ${quote(name)} is invalid: ${summary}`,
    {
      ...describe(kind.group, kind.kind, name),
      causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
    },
  )
}

export function methodNotAllowed(): ApiError {
  return new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  )
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  return new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  )
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized')
}

/** The answer to a delete that leaves no object behind. */
export function deleted(resource: GroupResource, name: string, uid: string): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { ...describe(resource.group, resource.plural, name), uid },
  }
}

export const fieldError = {
  required: (field: string, detail = ''): FieldError => ({
    reason: 'FieldValueRequired',
    field,
    message: detail === '' ? 'Required value' : `Required value: ${detail}`,
  }),
  invalid: (field: string, value: unknown, detail: string): FieldError => ({
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${show(value)}: ${detail}`,
  }),
  unsupported: (field: string, value: unknown, supported: readonly string[]): FieldError => ({
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${show(value)}: supported values: ${supported.map(quote).join(', ')}`,
  }),
  forbidden: (field: string, detail: string): FieldError => ({
    reason: 'FieldValueForbidden',
    field,
    message: `Forbidden: ${detail}`,
  }),
  typeInvalid: (field: string, actual: string, detail: string): FieldError => ({
    reason: 'FieldValueTypeInvalid',
    field,
    message: `Invalid value: ${quote(actual)}: ${detail}`,
  }),
  duplicate: (field: string, value: unknown): FieldError => ({
    reason: 'FieldValueDuplicate',
    field,
    message: `Duplicate value: ${show(value)}`,
  }),
  tooLong: (field: string, maximum: number): FieldError => ({
    reason: 'FieldValueTooLong',
    field,
    message: `Too long: may not be more than ${maximum} bytes`,
  }),
  tooMany: (field: string, actual: number, maximum: number): FieldError => ({
    reason: 'FieldValueTooMany',
    field,
    message: `Too many: ${actual}: must have at most ${maximum} items`,
  }),
}

export function quote(text: string): string {
  return JSON.stringify(text)
}

function show(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value)
}

function describe(group: string, kind: string, name: string): KubeStatusDetails {
  return {
    ...(name !== '' && { name }),
    ...(group !== '' && { group }),
    ...(kind !== '' && { kind }),
  }
}
