import type { KubeMetadata, KubeObject } from '../objects.ts'
import { badRequest, fieldError } from './status.ts'
import type { FieldError } from './status.ts'

export type NameRule = 'subdomain' | 'label' | 'path-segment'

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const qualifiedNamePart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

const subdomainMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const labelMessage =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const qualifiedNameRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const labelValueMessage =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

const annotationBytesMax = 256 * 1024

const fieldTypes: Record<keyof KubeMetadata | 'selfLink' | 'managedFields', string> = {
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  selfLink: 'string',
  uid: 'string',
  resourceVersion: 'string',
  generation: 'number',
  creationTimestamp: 'string',
  deletionTimestamp: 'string',
  deletionGracePeriodSeconds: 'number',
  labels: 'map',
  annotations: 'map',
  finalizers: 'list',
  ownerReferences: 'list',
  managedFields: 'list',
}

/** Keeps the known metadata fields and reports the others; a wrong type is a decoding error. */
export function decodeMetadata(
  raw: unknown,
  describeObject: string,
): { metadata: KubeMetadata; unknownFields: string[] } {
  const fail = (actual: unknown, field: string, expected: string) =>
    badRequest(
      `${describeObject}: json: cannot unmarshal ${goType(actual)} into Go struct field ObjectMeta.${field} of type ${expected}`,
    )
  if (raw === undefined || raw === null) return { metadata: { name: '' }, unknownFields: [] }
  if (typeof raw !== 'object' || Array.isArray(raw)) {
    throw badRequest(
      `${describeObject}: json: cannot unmarshal ${goType(raw)} into Go value of type v1.ObjectMeta`,
    )
  }
  const metadata: Record<string, unknown> = {}
  const unknownFields: string[] = []
  for (const [field, value] of Object.entries(raw)) {
    const type = fieldTypes[field as keyof typeof fieldTypes]
    if (type === undefined) unknownFields.push(`metadata.${field}`)
    else if (value === null || field === 'managedFields' || field === 'selfLink') continue
    else if (type === 'map') {
      if (goType(value) !== 'object') throw fail(value, field, 'map[string]string')
      for (const each of Object.values(value)) {
        if (typeof each !== 'string') throw fail(each, field, 'string')
      }
      if (Object.keys(value).length > 0) metadata[field] = { ...value }
    } else if (type === 'list') {
      if (!Array.isArray(value))
        throw fail(value, field, field === 'finalizers' ? '[]string' : '[]v1.OwnerReference')
      if (value.length > 0) metadata[field] = structuredClone(value)
    } else if (typeof value !== type)
      throw fail(value, field, type === 'number' ? 'int64' : 'string')
    else if (value !== '') metadata[field] = value
  }
  return {
    metadata: { ...metadata, name: (metadata.name as string | undefined) ?? '' },
    unknownFields,
  }
}

export function validateMetadata(metadata: KubeMetadata, nameRule: NameRule): FieldError[] {
  return [
    ...validateName(metadata.name, nameRule),
    ...validateLabels(metadata.labels ?? {}),
    ...validateAnnotations(metadata.annotations ?? {}),
    ...validateOwnerReferences(metadata),
    ...(metadata.finalizers ?? []).flatMap((name) =>
      validateQualifiedName(name, 'metadata.finalizers'),
    ),
  ]
}

/** What may not change between two versions of an object. */
export function validateMetadataUpdate(next: KubeMetadata, previous: KubeMetadata): FieldError[] {
  const errors: FieldError[] = []
  if (next.uid !== previous.uid) {
    errors.push(fieldError.invalid('metadata.uid', next.uid, 'field is immutable'))
  }
  if (next.deletionTimestamp !== previous.deletionTimestamp) {
    errors.push(
      fieldError.invalid(
        'metadata.deletionTimestamp',
        next.deletionTimestamp,
        'field is immutable',
      ),
    )
  }
  if (previous.deletionTimestamp !== undefined) {
    const added = (next.finalizers ?? []).filter((name) => !previous.finalizers?.includes(name))
    if (added.length > 0) {
      const list = `[]string{${added.map((name) => JSON.stringify(name)).join(', ')}}`
      errors.push(
        fieldError.forbidden(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`,
        ),
      )
    }
  }
  return errors
}

/** Finalizers without a domain are accepted, with a warning. */
export function finalizerWarnings(object: KubeObject): string[] {
  const wellKnown = ['foregroundDeletion', 'orphan', 'kubernetes']
  return (object.metadata.finalizers ?? [])
    .filter((name) => !name.includes('/') && !wellKnown.includes(name))
    .map(
      (name) =>
        `metadata.finalizers: "${name}": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`,
    )
}

/** Go's name for the JSON type of a value, as its decoding errors spell it. */
function goType(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function validateName(name: string, rule: NameRule): FieldError[] {
  const field = 'metadata.name'
  if (name === '') return [fieldError.required(field, 'name or generateName is required')]
  const errors: FieldError[] = []
  if (rule === 'path-segment') {
    if (name === '.' || name === '..')
      errors.push(fieldError.invalid(field, name, `may not be '${name}'`))
    for (const character of ['/', '%']) {
      if (name.includes(character)) {
        errors.push(fieldError.invalid(field, name, `may not contain '${character}'`))
      }
    }
    return errors
  }
  const lengthMax = rule === 'label' ? 63 : 253
  if (name.length > lengthMax) {
    errors.push(fieldError.invalid(field, name, `must be no more than ${lengthMax} characters`))
  }
  if (!(rule === 'label' ? label : subdomain).test(name)) {
    errors.push(fieldError.invalid(field, name, rule === 'label' ? labelMessage : subdomainMessage))
  }
  return errors
}

function validateLabels(labels: Record<string, string>): FieldError[] {
  const field = 'metadata.labels'
  return Object.entries(labels).flatMap(([key, value]) => {
    const errors = validateQualifiedName(key, field)
    if (value.length > 63) {
      errors.push(fieldError.invalid(field, value, 'must be no more than 63 bytes'))
    }
    if (!labelValue.test(value)) errors.push(fieldError.invalid(field, value, labelValueMessage))
    return errors
  })
}

function validateAnnotations(annotations: Record<string, string>): FieldError[] {
  const field = 'metadata.annotations'
  const errors = Object.keys(annotations).flatMap((key) =>
    validateQualifiedName(key.toLowerCase(), field),
  )
  const bytes = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  )
  if (bytes > annotationBytesMax) errors.push(fieldError.tooLong(field, annotationBytesMax))
  return errors
}

function validateOwnerReferences(metadata: KubeMetadata): FieldError[] {
  const field = 'metadata.ownerReferences'
  const references = metadata.ownerReferences ?? []
  const errors = references.flatMap((reference) => [
    ...(reference.apiVersion
      ? []
      : [fieldError.invalid(`${field}.apiVersion`, '', 'version must not be empty')]),
    ...(reference.kind ? [] : [fieldError.invalid(`${field}.kind`, '', 'must not be empty')]),
    ...(reference.name ? [] : [fieldError.invalid(`${field}.name`, '', 'must not be empty')]),
    ...(reference.uid ? [] : [fieldError.invalid(`${field}.uid`, '', 'must not be empty')]),
  ])
  const controllers = references.filter((reference) => reference.controller)
  if (controllers.length > 1) {
    const [first, second] = controllers.map((each) => `${each.kind}/${each.name}`)
    errors.push(
      fieldError.invalid(
        field,
        references,
        `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`,
      ),
    )
  }
  return errors
}

function validateQualifiedName(name: string, field: string): FieldError[] {
  const errors: FieldError[] = []
  const parts = name.split('/')
  if (parts.length > 2) {
    const message = `a valid label key ${qualifiedNameRule.replace(/\)$/, '')}) with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`
    return [fieldError.invalid(field, name, message)]
  }
  const prefix = parts.length === 2 ? parts[0]! : undefined
  const local = parts.at(-1)!
  if (prefix === '') errors.push(fieldError.invalid(field, name, 'prefix part must be non-empty'))
  else if (prefix !== undefined && !subdomain.test(prefix)) {
    errors.push(fieldError.invalid(field, name, `prefix part ${subdomainMessage}`))
  }
  if (local === '') errors.push(fieldError.invalid(field, name, 'name part must be non-empty'))
  else if (local.length > 63) {
    errors.push(fieldError.invalid(field, name, 'name part must be no more than 63 bytes'))
  }
  if (!qualifiedNamePart.test(local)) {
    errors.push(fieldError.invalid(field, name, `name part ${qualifiedNameRule}`))
  }
  return errors
}
