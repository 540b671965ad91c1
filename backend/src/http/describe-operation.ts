import { STATUS_CODES } from 'node:http'
import * as z from 'zod'
import type { Answers, InputSchemas, OtherBody } from '#operation'
import { describePolicy, describeSecurity } from './describe-policy.ts'
import { answerSchema, bodySchema, parametersOf, type Schemas } from './json-schema.ts'
import type { Listed } from './listed.ts'

type Content = Record<string, { schema: object; 'x-items'?: object }>

/** An operation of the document, but for its problems; the schemas that it names go into `schemas`. */
export function describeOperation(
  { answers, declared, inputs, otherBody }: Listed,
  schemas: Schemas,
) {
  const { description, id, policy, reads, summary, tag } = declared
  const parameters = [...describeReads(reads), ...describeParameters(inputs, schemas)]
  const body = inputs.body
    ? describeSent(declared.http.method, inputs.body, otherBody, schemas)
    : reads?.body && describeBody(reads.body, schemas)
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [description, `**Who:** ${describePolicy(policy)}`].filter(Boolean).join('\n\n'),
    security: describeSecurity(policy),
    'x-policy': typeof policy === 'string' ? { who: policy } : policy,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: body } }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [
        status,
        {
          description: STATUS_CODES[status]!,
          ...(answer && { content: describeBody(answer, schemas) }),
        },
      ]),
    ),
  }
}

/** What a body may be, by media type. */
function describeSent(
  method: string,
  body: z.ZodType,
  other: z.ZodType | undefined,
  schemas: Schemas,
): Content {
  const own = bodySchema(body, schemas)
  const also = other && bodySchema(other, schemas)
  return {
    'application/json': { schema: also ? { anyOf: [own, also] } : own },
    ...(method === 'patch' && { 'application/merge-patch+json': { schema: own } }),
    ...(also && { 'application/yaml': { schema: also } }),
  }
}

/** What a page reads by itself. */
function describeReads(reads: Listed['declared']['reads']) {
  return (['path', 'query'] as const).flatMap((place) =>
    Object.entries(reads?.[place] ?? {}).map(([name, description]) => ({
      in: place,
      name,
      description,
      required: place === 'path',
      schema: { type: 'string' as const },
    })),
  )
}

function describeParameters(inputs: InputSchemas, schemas: Schemas) {
  return (['path', 'query', 'header'] as const).flatMap((place) => {
    const schema = inputs[place]
    return schema ? parametersOf(place, schema, schemas) : []
  })
}

function describeBody(body: NonNullable<Answers[number]>, schemas: Schemas): Content {
  const bodies = [body].flat() as readonly (z.ZodType | OtherBody)[]
  return Object.fromEntries(
    bodies.map((each) => {
      if (each instanceof z.ZodType) {
        return ['application/json', { schema: answerSchema(each, schemas) }] as const
      }
      const { description, items, type } = each
      const schema = { type: type === 'application/json' ? 'object' : 'string', description }
      // What each line or event holds: OpenAPI 3.1 has no word of its own for it.
      return [type, { schema, ...(items && { 'x-items': answerSchema(items, schemas) }) }] as const
    }),
  )
}
