import { zValidator } from '@hono/zod-validator'
import type { FieldError } from '@hub/shared'
import type { ValidationTargets } from 'hono'
import type * as z from 'zod'
import { AppError } from '#errors'
import { rememberInput } from './describe-route.ts'

/**
 * Parses one part of the request with a schema of the contract. Throws `invalid-request` with a JSON Pointer for each
 * wrong field of a body, and the parameter's name elsewhere.
 */
export function validate<Schema extends z.ZodType, Target extends keyof ValidationTargets>(
  target: Target,
  schema: Schema,
) {
  const handler = zValidator(target, schema, (result) => {
    if (result.success) return
    throw invalidRequest(target, result.error.issues)
  })
  rememberInput(handler, { target, schema })
  return handler
}

function invalidRequest(target: keyof ValidationTargets, issues: z.core.$ZodIssue[]): AppError {
  const errors = issues.flatMap((issue) => describeIssue(target, issue))
  const sentences = errors.map(({ pointer, detail }) => `${pointer || 'the body'}: ${detail}`)
  return new AppError('invalid-request', {
    detail: `The request is not valid. ${sentences.join('; ')}.`,
    errors,
  })
}

function describeIssue(target: keyof ValidationTargets, issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
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
