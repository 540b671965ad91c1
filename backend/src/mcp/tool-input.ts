import type { JSONObject } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { AppError } from '#errors'
import { canDryRun, type Input, type InputSchemas } from '#operation'
import { coerce } from './coerce.ts'
import { describeValue } from './describe-argument.ts'

type JsonSchema = { type: 'object'; properties: Record<string, JSONObject>; required: string[] }

const parts = ['path', 'query', 'body'] as const

/** How agents spell a dry run. */
const dryRunName = 'dry_run'
/** Of what is one flat object for an agent, each property and the part of a request that it belongs to. */
export type ToolInput = {
  schema: JsonSchema & { additionalProperties: false }
  /** What a model sent, as the schema spells it. Throws `invalid-request` with a sentence for each argument that cannot be that. */
  coerce(given: unknown): Record<string, unknown>
  /** What the operation is given. Throws `invalid-request` with a sentence that names each wrong argument. */
  read(given: Record<string, unknown>): Input<InputSchemas>
}

/**
 * The input of an operation as the arguments of a tool. `without` are properties that agents do not get, `own` those of
 * the door, which the operation does not get.
 */
export function createToolInput(
  input: InputSchemas,
  { own = {}, without = [] }: { own?: Record<string, JSONObject>; without?: readonly string[] },
): ToolInput {
  const properties: Record<string, JSONObject> = {}
  const required: string[] = []
  const ownerOf = new Map<string, (typeof parts)[number]>()
  for (const part of parts) {
    const schema = input[part]
    if (schema === undefined) continue
    const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
    for (const [name, property] of Object.entries(described.properties ?? {})) {
      if (name === 'dryRun' || without.includes(name)) continue
      properties[name] = withoutUnicodeClasses(property)
      ownerOf.set(name, part)
    }
    required.push(...(described.required ?? []))
  }
  if (canDryRun(input)) {
    properties[dryRunName] = {
      type: 'boolean',
      description: 'Say what would happen, and change nothing.',
    }
  }
  Object.assign(properties, own)
  const schema = { type: 'object', properties, required, additionalProperties: false } as const
  return {
    schema,
    coerce: (given) => {
      const faults: string[] = []
      const coerced = coerce(given ?? {}, schema, faults)
      refuse(faults)
      return coerced as Record<string, unknown>
    },
    read: (given) => readParts(input, ownerOf, given),
  }
}

/** Of regular expressions: not every client's engine knows them, and the hub checks by itself. */
function withoutUnicodeClasses<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(withoutUnicodeClasses) as T
  if (typeof schema !== 'object' || schema === null) return schema
  const kept = Object.entries(schema).filter(
    ([key, value]) => !(key === 'pattern' && typeof value === 'string' && value.includes('\\p{')),
  )
  return Object.fromEntries(
    kept.map(([key, value]: [string, unknown]) => [key, withoutUnicodeClasses(value)]),
  ) as T
}

function readParts(
  input: InputSchemas,
  ownerOf: ReadonlyMap<string, (typeof parts)[number]>,
  given: Record<string, unknown>,
): Input<InputSchemas> {
  const sent: Record<string, Record<string, unknown>> = { path: {}, query: {}, body: {} }
  const faults: string[] = []
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    const owner = ownerOf.get(name)
    if (name === dryRunName && canDryRun(input)) {
      if (value === true) sent['query']!['dryRun'] = 'All'
    } else if (owner === undefined) faults.push(`there is no argument ${JSON.stringify(name)}`)
    else sent[owner]![name] = value
  }
  const read: Partial<Record<string, unknown>> = {}
  if (input.header) read['header'] = input.header.parse({ accept: 'text/plain, application/json' })
  for (const part of parts) {
    const schema = input[part]
    if (schema === undefined) continue
    const result = schema.safeParse(sent[part])
    if (result.success) read[part] = result.data
    else faults.push(...result.error.issues.map((issue) => describeIssue(issue, sent[part])))
  }
  refuse(faults)
  return read as Input<InputSchemas>
}

function describeIssue({ message, path }: z.core.$ZodIssue, sent: unknown): string {
  const came = path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    sent,
  )
  return `${path.join('.') || 'it'}: ${message}, and ${describeValue(came)} came`
}

function refuse(faults: readonly string[]): void {
  if (faults.length === 0) return
  throw new AppError('invalid-request', {
    detail: `The arguments are not valid: ${faults.slice(0, 10).join('; ')}. Correct them and call again.`,
  })
}
