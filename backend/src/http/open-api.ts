import { Problem } from '@hub/shared'
import { readVersion } from '#config'
import { tags } from '#operation'
import { describeOperation } from './describe-operation.ts'
import { describeProblems } from './describe-problems.ts'
import { answerSchema, type Schemas } from './json-schema.ts'
import type { Listed } from './listed.ts'

type Operation = Omit<ReturnType<typeof describeOperation>, 'responses'> & {
  responses: Record<string, { description: string; content?: Record<string, object> }>
}

/** An OpenAPI document, as far as the hub makes one. */
export type ApiDocument = {
  openapi: string
  info: { title: string; version: string; description: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { securitySchemes: object; schemas: Schemas }
}

const description = `Everything the portal does, and what programs may do too.

* A program sends \`Authorization: Bearer <token>\`: an API token (\`hubpat_…\`), or a JWT of an issuer that this hub trusts.
  The portal sends its session cookie; other sites cannot send writes with it.
* Every error is an \`application/problem+json\` body (RFC 9457) with a \`code\` and a \`requestId\`.
* An instance on which the caller holds nothing answers like one that does not exist. Lists contain what the caller may see.
* Answers may gain fields; unknown fields in requests are refused.`

/** The OpenAPI 3.1 document of everything that is listed. */
export async function describeApi(
  listed: readonly Listed[],
  options: { sessionCookie: string },
): Promise<ApiDocument> {
  const schemas: Schemas = {}
  answerSchema(Problem, schemas)
  const paths: ApiDocument['paths'] = {}
  for (const each of listed) {
    const { method, path } = each.declared.http
    const operation = describeOperation(each, schemas)
    const responses = { ...operation.responses, ...describeProblems(each, operation.responses) }
    const place = (paths[toOpenApiPath(path)] ??= {})
    place[method] = { ...operation, responses }
  }
  return {
    openapi: '3.1.1',
    info: { title: 'KubeAIRunway Hub', version: readVersion(), description },
    tags: Object.entries(tags).map(([name, text]) => ({ name, description: text })),
    paths,
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: options.sessionCookie,
          description: 'The cookie of a browser that has signed in to the portal.',
        },
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API token of a person, or a JWT of a trusted issuer.',
        },
      },
      schemas,
    },
  }
}

export function toOpenApiPath(path: string): string {
  return path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, '{$1}')
}
