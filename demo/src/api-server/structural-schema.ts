import { fieldError } from './status.ts'
import type { FieldError } from './status.ts'

/** The part of a CRD's openAPIV3Schema that is evaluated; CEL rules and anyOf/oneOf are not. */
export type StructuralSchema = {
  type?: string
  format?: string
  properties?: Record<string, StructuralSchema>
  additionalProperties?: StructuralSchema | boolean
  items?: StructuralSchema
  required?: string[]
  enum?: unknown[]
  default?: unknown
  nullable?: boolean
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-list-type'?: string
  'x-kubernetes-list-map-keys'?: string[]
}

/** Removes, in place, what the schema does not know; answers the paths that went. */
export function pruneUnknownFields(
  schema: StructuralSchema,
  value: unknown,
  path: string,
): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, i) =>
      schema.items ? pruneUnknownFields(schema.items, item, `${path}[${i}]`) : [],
    )
  }
  if (!isObject(value)) return []
  const pruned: string[] = []
  for (const [key, child] of Object.entries(value)) {
    const childPath = path === '' ? key : `${path}.${key}`
    const childSchema = childSchemaOf(schema, key)
    if (childSchema) pruned.push(...pruneUnknownFields(childSchema, child, childPath))
    else if (
      !schema['x-kubernetes-preserve-unknown-fields'] &&
      schema.additionalProperties !== true
    ) {
      delete value[key]
      pruned.push(childPath)
    }
  }
  return pruned
}

/** Drops nulls that the schema does not allow, then fills in defaults, in place. */
export function applyDefaults(schema: StructuralSchema, value: unknown): void {
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) applyDefaults(schema.items, item)
    return
  }
  if (!isObject(value)) return
  for (const [key, child] of Object.entries(value)) {
    const childSchema = childSchemaOf(schema, key)
    if (child === null && childSchema && !childSchema.nullable) delete value[key]
  }
  for (const [key, childSchema] of Object.entries(schema.properties ?? {})) {
    if (value[key] === undefined && childSchema.default !== undefined) {
      value[key] = structuredClone(childSchema.default)
    }
  }
  for (const [key, child] of Object.entries(value)) {
    const childSchema = childSchemaOf(schema, key)
    if (childSchema) applyDefaults(childSchema, child)
  }
}

/**
 * Kubernetes' verdict on a value, in Kubernetes' words. `path` is where the error is reported and
 * `spoken` the same place as the sentence names it: for a status update it lacks the `status.`.
 */
export function validateValue(
  schema: StructuralSchema,
  value: unknown,
  path: string,
  spoken: string = path,
): FieldError[] {
  const typeErrors = validateType(schema, value, path, spoken)
  if (typeErrors.length > 0) return typeErrors
  const errors: FieldError[] = []
  const breach = (rule: string) =>
    errors.push(fieldError.invalid(path, value, `${spoken} in body ${rule}`))

  if (schema.enum && !schema.enum.includes(value)) {
    errors.push(fieldError.unsupported(path, value, schema.enum.map(String)))
  }
  if (typeof value === 'string') {
    const length = Array.from(value).length
    if (schema.maxLength !== undefined && length > schema.maxLength) {
      errors.push(fieldError.tooLong(path, schema.maxLength))
    } else if (schema.minLength !== undefined && length < schema.minLength) {
      breach(`should be at least ${schema.minLength} chars long`)
    } else if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) {
      breach(`should match '${schema.pattern}'`)
    }
  } else if (typeof value === 'number') {
    if (schema.minimum !== undefined && value < schema.minimum) {
      breach(`should be greater than or equal to ${schema.minimum}`)
    }
    if (schema.maximum !== undefined && value > schema.maximum) {
      breach(`should be less than or equal to ${schema.maximum}`)
    }
  } else if (Array.isArray(value)) {
    errors.push(...validateList(schema, value, path, spoken))
  } else if (isObject(value)) {
    for (const key of schema.required ?? []) {
      if (value[key] === undefined) errors.push(fieldError.required(`${path}.${key}`))
    }
    for (const [key, child] of Object.entries(value)) {
      const childSchema = childSchemaOf(schema, key)
      if (!childSchema) continue
      const childSpoken = spoken === '' ? key : `${spoken}.${key}`
      errors.push(...validateValue(childSchema, child, `${path}.${key}`, childSpoken))
    }
  }
  return errors
}

function validateList(
  schema: StructuralSchema,
  list: readonly unknown[],
  path: string,
  spoken: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (schema.maxItems !== undefined && list.length > schema.maxItems) {
    errors.push(fieldError.tooMany(path, list.length, schema.maxItems))
  }
  if (schema.minItems !== undefined && list.length < schema.minItems) {
    const rule = `${spoken} in body should have at least ${schema.minItems} items`
    errors.push(fieldError.invalid(path, list.length, rule))
  }
  const seen = new Set<string>()
  for (const [i, item] of list.entries()) {
    if (schema.items) {
      errors.push(...validateValue(schema.items, item, `${path}[${i}]`, `${spoken}[${i}]`))
    }
    const identity = listItemIdentity(schema, item)
    if (identity === undefined) continue
    const key = JSON.stringify(identity)
    if (seen.has(key)) errors.push(fieldError.duplicate(`${path}[${i}]`, identity))
    seen.add(key)
  }
  return errors
}

function listItemIdentity(schema: StructuralSchema, item: unknown): unknown {
  if (schema['x-kubernetes-list-type'] === 'set') return item
  if (schema['x-kubernetes-list-type'] !== 'map' || !isObject(item)) return undefined
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  return Object.fromEntries(keys.map((key) => [key, item[key]]))
}

function validateType(
  schema: StructuralSchema,
  value: unknown,
  path: string,
  spoken: string,
): FieldError[] {
  const mismatch = (actual: string, expected: string) => [
    fieldError.typeInvalid(
      path,
      actual,
      `${spoken} in body must be of type ${expected}: ${JSON.stringify(actual)}`,
    ),
  ]
  // Kubernetes reports a breached number format without saying where: the field is Go's nil.
  const formatBreach = () => ({
    reason: 'FieldValueInvalid',
    field: '<nil>',
    message: `Invalid value: "": Checked value must be of type integer with format ${schema.format} in ${spoken}`,
  })
  if (value === null && schema.nullable) return []
  if (schema['x-kubernetes-int-or-string']) {
    if (typeof value === 'string' || Number.isInteger(value)) return []
    const actual = openApiType(value)
    return [
      ...mismatch(actual, 'integer,string'),
      fieldError.invalid('<nil>', '', `"${spoken}" must validate at least one schema (anyOf)`),
      ...mismatch(actual, 'integer'),
    ]
  }
  const { type, format } = schema
  if (type === undefined) return []
  if (type === 'integer' && (format === 'int32' || format === 'int64')) {
    if (typeof value === 'boolean') return mismatch('', format)
    if (typeof value !== 'number') return mismatch(openApiType(value), 'integer')
    if (!Number.isInteger(value)) return [...mismatch('float64', format), formatBreach()]
    const limit = format === 'int32' ? 2 ** 31 : 2 ** 63
    return value >= limit || value < -limit ? [formatBreach()] : []
  }
  const actual = openApiType(value)
  const isOfType = actual === type || (type === 'number' && actual === 'integer')
  if (!isOfType) return mismatch(actual, type)
  if (format === 'date-time' && !isDateTime(value as string)) {
    return mismatch(value as string, 'date-time')
  }
  return []
}

const dateTime = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

function isDateTime(text: string): boolean {
  return dateTime.test(text) && !Number.isNaN(Date.parse(text))
}

function openApiType(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function childSchemaOf(schema: StructuralSchema, key: string): StructuralSchema | undefined {
  if (schema.properties && Object.hasOwn(schema.properties, key)) return schema.properties[key]
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
