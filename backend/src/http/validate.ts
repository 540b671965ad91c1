import { zValidator } from '@hono/zod-validator'
import type { FieldError } from '@hub/shared'
import type { Context, Next, ValidationTargets } from 'hono'
import * as z from 'zod'
import { AppError } from '#errors'
import { rememberInput } from './describe-route.ts'
import { problemErrorsMax } from './problem.ts'
import { shortenValue } from './shorten-value.ts'

/**
 * Parses one part of the request with a schema of the contract. Throws `invalid-request` with a JSON Pointer for each of
 * the first wrong fields of a body, and the parameter's name elsewhere.
 */
export function validate<Schema extends z.ZodType, Target extends keyof ValidationTargets>(
  target: Target,
  schema: Schema,
) {
  const ofPart = validatePart(target, schema)
  // It leaves what Hono's own validator leaves, so that `c.req.valid` has the same types.
  const handler = target === 'json' ? (validateBody(schema) as unknown as typeof ofPart) : ofPart
  rememberInput(handler, { target, schema })
  return handler
}

function validatePart<Schema extends z.ZodType, Target extends keyof ValidationTargets>(
  target: Target,
  schema: Schema,
) {
  return zValidator(target, schema, (result) => {
    if (!result.success) throw invalidRequest(target, result.error.issues)
  })
}

/** The body as `jsonBody` has parsed it. What no schema can want all of is not looked at to its end. */
function validateBody(schema: z.ZodType) {
  const known = propertyNames(schema)
  return async (c: Context, next: Next) => {
    const { isShortened, value } = shortenValue(c.get('jsonBody'), known)
    const result = await schema.safeParseAsync(value)
    if (!result.success) throw invalidRequest('json', result.error.issues)
    if (isShortened) {
      throw new AppError('invalid-request', {
        detail: 'The request is not valid. A list or an object in it has too many members.',
      })
    }
    c.req.addValidatedData('json', result.data as object)
    await next()
  }
}

/** Every name that a property has somewhere in what the schema takes. */
function propertyNames(schema: z.ZodType): ReadonlySet<string> {
  const names = new Set<string>()
  const collect = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if ('properties' in node && typeof node.properties === 'object') {
      for (const name of Object.keys(node.properties ?? {})) names.add(name)
    }
    for (const inner of Object.values(node)) collect(inner)
  }
  collect(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
  return names
}

function invalidRequest(target: keyof ValidationTargets, issues: z.core.$ZodIssue[]): AppError {
  const errors: FieldError[] = []
  let count = 0
  for (const issue of issues) {
    count += issue.code === 'unrecognized_keys' ? issue.keys.length : 1
    const missing = problemErrorsMax - errors.length
    if (missing > 0) errors.push(...describeIssue(target, issue, missing))
  }
  const sentences = errors.map(
    ({ detail, pointer }) => `${shorten(pointer) || 'the body'}: ${detail}`,
  )
  const more = count > errors.length ? `; and more like these, which are not named` : ''
  return new AppError('invalid-request', {
    detail: `The request is not valid. ${sentences.join('; ')}${more}.`,
    errors,
  })
}

function describeIssue(
  target: keyof ValidationTargets,
  issue: z.core.$ZodIssue,
  limit: number,
): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, limit).map((key) => ({
      pointer: toPointer(target, [...issue.path, key]),
      detail: 'unknown field; remove it or check its spelling',
    }))
  }
  return [{ pointer: toPointer(target, issue.path), detail: describeFault(issue) }]
}

function describeFault(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') return issue.message
  if (issue.path.length === 0) return `must be a JSON ${issue.expected}`
  return issue.message.includes('received undefined') ? 'is required' : issue.message
}

function toPointer(target: keyof ValidationTargets, path: readonly PropertyKey[]): string {
  if (target === 'query') return `?${path.map(String).join('.')}`
  if (target === 'param') return `{${path.map(String).join('.')}}`
  return path
    .map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
}

const spokenPointerMax = 80

function shorten(pointer: string): string {
  return pointer.length > spokenPointerMax ? `${pointer.slice(0, spokenPointerMax)}…` : pointer
}
