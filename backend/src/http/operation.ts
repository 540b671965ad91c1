import { STATUS_CODES } from 'node:http'
import type { ContentWithResolver, DescribeRouteOptions } from 'hono-openapi'
import * as z from 'zod'
import type { OtherBody, Policy, RouteDeclaration } from './route-declaration.ts'
import { resolveAnswer } from './json-schema.ts'

/** What the document says of a route, but for its problems and for what `validate` reads. */
export function toOperation(declaration: RouteDeclaration): DescribeRouteOptions {
  const { answers, description, operationId, policy, reads, summary, tag } = declaration
  const parameters = (['path', 'query', 'header'] as const).flatMap((place) =>
    Object.entries(reads?.[place] ?? {}).map(([name, text]) => ({
      in: place,
      name,
      description: text,
      required: place === 'path',
      schema: { type: 'string' as const },
    })),
  )
  // The package's type knows none.
  const extensions = { 'x-policy': typeof policy === 'string' ? { who: policy } : policy }
  return {
    operationId,
    tags: [tag],
    summary,
    description: [description, `**Who:** ${describePolicy(policy)}`].filter(Boolean).join('\n\n'),
    security: describeSecurity(policy),
    ...extensions,
    ...(parameters.length > 0 && { parameters }),
    ...(reads?.body && { requestBody: { required: true, content: describeBody(reads.body) } }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, body]) => [
        status,
        { description: STATUS_CODES[status]!, ...(body && { content: describeBody(body) }) },
      ]),
    ),
  }
}

function describeBody(body: NonNullable<RouteDeclaration['answers'][number]>): ContentWithResolver {
  if (body instanceof z.ZodType) return { 'application/json': { schema: resolveAnswer(body) } }
  const bodies: readonly OtherBody[] = 'type' in body ? [body] : body
  return Object.fromEntries(
    bodies.map(({ description, type }) => [
      type,
      { schema: { type: type === 'application/json' ? 'object' : 'string', description } },
    ]),
  )
}

function describePolicy(policy: Policy): string {
  switch (policy) {
    case 'public':
      return 'anybody, signed in or not.'
    case 'signed-in':
      return 'whoever is signed in, a person or a program.'
    case 'person':
      return 'a person, by session or token; no program.'
    case 'browser-session':
      return 'a person by a browser session; no token.'
    case 'fresh-browser-session':
      return 'a person by a browser session who signed in within the last 15 minutes; no token.'
    default: {
      const { isFresh, permission, scope, takesSession } = policy
      const where = {
        hub: 'in the whole hub',
        instance: 'on the instance',
        namespace: 'in the namespace of the instance',
      }[scope]
      const hidden =
        scope === 'hub' ? '' : ' Who holds nothing on the instance hears that it is not there.'
      const fresh = isFresh
        ? ' A browser session has to be signed in within the last 15 minutes.'
        : ''
      const session = takesSession ? ' No token.' : ''
      return `\`${permission}\` ${where}.${hidden}${fresh}${session}`
    }
  }
}

function describeSecurity(policy: Policy): Record<string, string[]>[] {
  if (policy === 'public') return []
  return isBySession(policy) ? [{ session: [] }] : [{ session: [] }, { token: [] }]
}

function isBySession(policy: Policy): boolean {
  if (typeof policy === 'object') return policy.takesSession === true
  return policy === 'browser-session' || policy === 'fresh-browser-session'
}
