import * as contract from '@hub/shared'
import { resolver, type ResolverReturnType } from 'hono-openapi'
import * as z from 'zod'
import type { RouteInput } from './route-declaration.ts'

/** As hono-openapi takes it. */
type Resolved = Awaited<ReturnType<ResolverReturnType['toOpenAPISchema']>>

/** The contract's schemas have their names in the document too; plain strings have none. */
const names = z.registry<{ id: string }>()
for (const [id, schema] of Object.entries(contract)) {
  const isNamed =
    schema instanceof z.ZodObject ||
    schema instanceof z.ZodEnum ||
    schema instanceof z.ZodDiscriminatedUnion
  if (isNamed) names.add(schema, { id })
}

/** A body that is answered. */
export function resolveAnswer(schema: z.ZodType): ResolverReturnType {
  return { ...resolver(schema), toOpenAPISchema: () => Promise.resolve(convert(schema, 'output')) }
}

/** What `validate` reads. Parameters are listed one by one, so their schema has no name. */
export function resolveInput({ schema, target }: RouteInput): Promise<Resolved> {
  const { components, schema: resolved } = convert(schema, 'input')
  const reference = (resolved as { $ref?: string }).$ref
  const name = target === 'json' ? undefined : reference?.slice(schemaPath.length)
  const named = name === undefined ? undefined : components?.schemas?.[name]
  return Promise.resolve({ schema: named ?? resolved, components })
}

const schemaPath = '#/components/schemas/'

function convert(schema: z.ZodType, io: 'input' | 'output'): Resolved {
  const {
    $defs,
    $schema: _,
    ...converted
  } = z.toJSONSchema(schema, {
    io,
    metadata: names,
    override: ({ jsonSchema }) => {
      // What is answered may grow; what is sent is read to the letter.
      if (io === 'output' && jsonSchema.additionalProperties === false) {
        delete jsonSchema.additionalProperties
      }
      // zod's patterns say again, in hundreds of characters, what the format says.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern
    },
  })
  return JSON.parse(
    JSON.stringify({ schema: converted, components: { schemas: $defs ?? {} } }).replaceAll(
      '"#/$defs/',
      `"${schemaPath}`,
    ),
  ) as Resolved
}
