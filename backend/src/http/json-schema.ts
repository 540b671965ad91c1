import * as contract from '@hub/shared'
import * as z from 'zod'

/** The document's schemas by their names. */
export type Schemas = Record<string, object>

type JsonSchema = {
  $ref?: string
  properties?: Record<string, object>
  required?: string[]
}

/** The contract's schemas have their names in the document too; plain strings have none. */
const names = z.registry<{ id: string }>()
for (const [id, schema] of Object.entries(contract)) {
  const isNamed =
    schema instanceof z.ZodObject ||
    schema instanceof z.ZodEnum ||
    schema instanceof z.ZodDiscriminatedUnion
  if (isNamed) names.add(schema, { id })
}

const schemaPath = '#/components/schemas/'

/** A body that is answered. */
export function answerSchema(schema: z.ZodType, schemas: Schemas): object {
  return convert(schema, 'output', schemas)
}

/** A body that is sent. */
export function bodySchema(schema: z.ZodType, schemas: Schemas): object {
  return convert(schema, 'input', schemas)
}

/** Parameters are listed one by one, so their schema has no name. */
export function parametersOf(
  place: 'path' | 'query' | 'header',
  schema: z.ZodType,
  schemas: Schemas,
) {
  const converted = convert(schema, 'input', schemas)
  const name = converted.$ref?.slice(schemaPath.length)
  const { properties = {}, required = [] } =
    name === undefined ? converted : (schemas[name] as JsonSchema)
  const shape = schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : {}
  return Object.entries(properties).map(([parameter, value]) => ({
    in: place,
    name: parameter,
    ...(shape[parameter]?.description !== undefined && {
      description: shape[parameter].description,
    }),
    ...((required.includes(parameter) || place === 'header') && {
      required: required.includes(parameter),
    }),
    schema: value,
  }))
}

function convert(schema: z.ZodType, io: 'input' | 'output', schemas: Schemas): JsonSchema {
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
  const { components, schema: resolved } = JSON.parse(
    JSON.stringify({ schema: converted, components: $defs ?? {} }).replaceAll(
      '"#/$defs/',
      `"${schemaPath}`,
    ),
  ) as { components: Schemas; schema: JsonSchema }
  Object.assign(schemas, components)
  return resolved
}
