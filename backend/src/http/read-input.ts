import { toPointer, type FieldError } from '@hub/shared'
import type { Context } from 'hono'
import * as z from 'zod'
import { AppError } from '#errors'
import type { Input, InputSchemas } from '#operation'
import { problemErrorsMax } from './problem.ts'
import { shortenValue } from './shorten-value.ts'

type Part = keyof InputSchemas

/** What one schema takes, prepared once: reads a part of a request, or throws `invalid-request`. */
type PartReader = (value: unknown) => Promise<unknown>

/**
 * Reads a request's parts by an operation's schemas. Throws `invalid-request` with a JSON Pointer for each of the first
 * wrong fields of a body, and the parameter's name elsewhere.
 */
export function createInputReader({
  body,
  header,
  path,
  query,
}: InputSchemas): (c: Context, sent: unknown) => Promise<Input<InputSchemas>> {
  const readPath = path && readerOf('path', path)
  const readQuery = query && readerOf('query', query)
  const readHeader = header && readerOf('header', header)
  const readBody = body && bodyReaderOf(body)
  return async (c, sent) => ({
    // What has no schema is not waited for: this stands before every operation.
    path: readPath && ((await readPath(c.req.param())) as Record<string, unknown>),
    query: readQuery && (await readQuery(queryOf(c))),
    header: readHeader && ((await readHeader(c.req.header())) as Record<string, unknown>),
    body: readBody && (await readBody(sent)),
  })
}

function readerOf(part: Part, schema: z.ZodType): PartReader {
  return async (value) => {
    const result = await schema.safeParseAsync(value)
    if (!result.success) throw invalidRequest(part, result.error.issues)
    return result.data
  }
}

/** What no schema can want all of is not looked at to its end. */
function bodyReaderOf(schema: z.ZodType): PartReader {
  // Found at the first body, and not for all operations at a start.
  let known: ReadonlySet<string> | undefined
  const read = readerOf('body', schema)
  return async (sent) => {
    known ??= propertyNames(schema)
    const { isShortened, value } = shortenValue(sent, known)
    const body = await read(value)
    if (!isShortened) return body
    throw new AppError('invalid-request', {
      detail: 'The request is not valid. A list or an object in it has too many members.',
    })
  }
}

/** A parameter that is sent several times is a list. */
function queryOf(c: Context): Record<string, string | string[]> {
  // Read anew for each call, and nobody else's.
  const query: Record<string, string | string[]> = c.req.queries()
  for (const name in query) if (query[name]!.length === 1) query[name] = query[name]![0]!
  return query
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

function invalidRequest(part: Part, issues: z.core.$ZodIssue[]): AppError {
  const errors: FieldError[] = []
  let count = 0
  for (const issue of issues) {
    count += issue.code === 'unrecognized_keys' ? issue.keys.length : 1
    const missing = problemErrorsMax - errors.length
    if (missing > 0) errors.push(...describeIssue(part, issue, missing))
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

function describeIssue(part: Part, issue: z.core.$ZodIssue, limit: number): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, limit).map((key) => ({
      pointer: toName(part, [...issue.path, key]),
      detail: 'unknown field; remove it or check its spelling',
    }))
  }
  return [{ pointer: toName(part, issue.path), detail: describeFault(issue) }]
}

function describeFault(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') return issue.message
  if (issue.path.length === 0) return `must be a JSON ${issue.expected}`
  return issue.message.includes('received undefined') ? 'is required' : issue.message
}

function toName(part: Part, path: readonly PropertyKey[]): string {
  if (part === 'query') return `?${path.map(String).join('.')}`
  if (part === 'path') return `{${path.map(String).join('.')}}`
  return toPointer(path)
}

const spokenPointerMax = 80

function shorten(pointer: string): string {
  return pointer.length > spokenPointerMax ? `${pointer.slice(0, spokenPointerMax)}…` : pointer
}
