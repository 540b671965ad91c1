import { readFile } from 'node:fs/promises'
import { Problem, type ProblemCode } from '@hub/shared'
import type { Env, Hono, Schema } from 'hono'
import { generateSpecs } from 'hono-openapi'
import * as z from 'zod'
import { readRoutes, type LiveRoute } from './describe-route.ts'
import { resolveAnswer } from './json-schema.ts'
import { describeProblem } from './problem.ts'
import { tags, type Policy } from './route-declaration.ts'

type Body = { schema?: object; 'x-items'?: object }
type Answer = { description: string; content?: Record<string, Body> }
type Operation = { operationId: string; responses: Record<string, Answer> }

/** As much of an OpenAPI document as is read here. */
export type ApiDocument = {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

const description = `Everything the portal does, and what programs may do too.

* A program sends \`Authorization: Bearer <token>\`: an API token (\`hubpat_…\`), or a JWT of an issuer that this hub trusts.
  The portal sends its session cookie; other sites cannot send writes with it.
* Every error is an \`application/problem+json\` body (RFC 9457) with a \`code\` and a \`requestId\`.
* An instance on which the caller holds nothing answers like one that does not exist. Lists hold what the caller may see.
* Answers may gain fields; unknown fields in what is sent are refused.`

/** The OpenAPI 3.1 document of every route, from what is declared beside each. */
export async function describeApi<E extends Env, S extends Schema, B extends string>(
  app: Hono<E, S, B>,
  options: { sessionCookie: string },
): Promise<ApiDocument> {
  const generated = await generateSpecs(app, {
    documentation: {
      openapi: '3.1.1',
      info: { title: 'KubeAIRunway Hub', version: await readVersion(), description },
      tags: Object.entries(tags).map(([name, text]) => ({ name, description: text })),
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
        schemas: await resolveProblem(),
      },
    },
    defaultValidationErrorResponse: false,
    excludeStaticFile: false,
  })
  const document = generated as unknown as ApiDocument
  for (const route of readRoutes(app)) {
    const operation = document.paths[toOpenApiPath(route.path)]?.[route.method.toLowerCase()]
    if (!operation) continue
    await addItems(document, operation, route)
    addProblems(operation, problemsOf(route))
  }
  return document
}

export function toOpenApiPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}')
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

async function resolveProblem() {
  const { components } = await resolveAnswer(Problem).toOpenAPISchema()
  return components?.schemas ?? {}
}

/** What each line or event of a stream holds: OpenAPI 3.1 has no word of its own for it. */
async function addItems(
  { components }: ApiDocument,
  { responses }: Operation,
  { declaration }: LiveRoute,
): Promise<void> {
  if (declaration === null || 'isUnlisted' in declaration) return
  for (const [status, body] of Object.entries(declaration.answers)) {
    if (body === null || body instanceof z.ZodType) continue
    for (const { items, type } of 'type' in body ? [body] : body) {
      if (!items) continue
      const resolved = await resolveAnswer(items).toOpenAPISchema()
      Object.assign(components.schemas, resolved.components?.schemas)
      responses[status]!.content![type]!['x-items'] = resolved.schema
    }
  }
}

/** What a route answers beside its own: by its policy, by what it reads, and what every route may. */
function problemsOf({ declaration, inputs, method, path }: LiveRoute): ProblemCode[] {
  if (!path.startsWith('/api/') || declaration === null || 'isUnlisted' in declaration) return []
  const takesBody = inputs.some(({ target }) => target === 'json')
  return [
    ...problemsOfPolicy(declaration.policy),
    ...(inputs.length > 0 ? (['invalid-request'] as const) : []),
    ...(takesBody ? (['invalid-json', 'body-too-large', 'unsupported-media-type'] as const) : []),
    ...(method === 'GET' || declaration.policy === 'public' ? [] : (['csrf'] as const)),
    ...(declaration.problems ?? []),
    'too-many-requests',
    'internal',
    'unavailable',
  ]
}

function problemsOfPolicy(policy: Policy): ProblemCode[] {
  if (policy === 'public') return []
  const unknown = ['unauthenticated', 'session-ended', 'invalid-token', 'user-disabled'] as const
  if (policy === 'signed-in') return [...unknown]
  if (policy === 'fresh-browser-session') {
    return [...unknown, 'reauthentication-required', 'forbidden']
  }
  if (typeof policy === 'string') return [...unknown, 'forbidden']
  return [
    ...unknown,
    ...(policy.isFresh ? (['reauthentication-required'] as const) : []),
    'forbidden',
    ...(policy.scope === 'hub' ? [] : (['not-found'] as const)),
  ]
}

function addProblems(operation: Operation, codes: ProblemCode[]): void {
  const byStatus = new Map<string, Map<ProblemCode, string>>()
  for (const code of codes) {
    const { status, title } = describeProblem(code)
    const known = byStatus.get(String(status)) ?? new Map<ProblemCode, string>()
    byStatus.set(String(status), known.set(code, title))
  }
  const { responses } = operation
  for (const [status, titles] of byStatus) {
    const own = responses[status]
    const sentences = [...titles].map(([code, title]) => `\`${code}\`: ${title}.`)
    responses[status] = {
      description: [...(own ? [own.description] : []), ...sentences].join(' '),
      content: {
        ...own?.content,
        'application/problem+json': {
          schema: {
            allOf: [
              { $ref: '#/components/schemas/Problem' },
              { type: 'object', properties: { code: { enum: [...titles.keys()] } } },
            ],
          },
        },
      },
    }
  }
}
