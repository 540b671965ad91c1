import type { Context, MiddlewareHandler } from 'hono'
import type { Config } from '#config'
import { AppError } from '#errors'
import {
  answerPlain,
  answerProblem,
  bodyBytesMax,
  definePage,
  readBytes,
  readClient,
  recordDenial,
  type AnswerError,
  type HubEnv,
} from '#http'
import { isOwnOrigin, resolvePublicOrigin } from '#sign-in'
import type { Mcp } from './create-mcp.ts'

type Deps = {
  mcp: Mcp
  config: Pick<Config, 'corsOrigins' | 'mcp' | 'production' | 'publicOrigin' | 'trustedProxies'>
}

declare module 'hono' {
  interface ContextVariableMap {
    /** Of the portal, as who calls the agents' door reached it. */
    portalOrigin: string
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })
const metadataPath = '/.well-known/oauth-protected-resource'
const json = { type: 'application/json', description: 'JSON-RPC 2.0, as MCP has it.' }
const events = { type: 'text/event-stream', description: 'The same, as server-sent events.' }

export const mcpPages = [
  definePage({
    id: 'callMcp',
    tag: 'Models',
    summary: "The agents' door: the Model Context Protocol",
    description:
      'Streamable HTTP, stateless. `tools/list` lists what the caller can use; tools act as the caller.',
    policy: 'bearer',
    isForAgents: true,
    countsCalls: true,
    // What a tool changes is its operation's to say.
    effect: 'read',
    answers: { 200: [json, events], 202: null, 400: json, 404: json, 406: json, 415: json },
    problems: ['forbidden', 'host-not-allowed', 'body-too-large'],
    reads: { body: json },
    http: { method: 'post', path: '/mcp' },
    async handle(c: Context<HubEnv>, { mcp }: Deps) {
      const ctx = c.get('ctx')
      const body = readText(await readBytes(c, bodyBytesMax))
      const answer = await mcp.answer(
        ctx,
        { request: c.req.raw, body },
        {
          bearer: c.get('bearer') ?? '',
          origin: c.get('portalOrigin'),
          recordDenial: (by, error) => recordDenial(c, error, by),
        },
      )
      if (answer instanceof Response) return answer
      return answerPlain(c, 200, answer, { 'content-type': 'application/json' })
    },
  }),
  ...[metadataPath, `${metadataPath}/mcp`].map((path, index) =>
    definePage({
      id: index === 0 ? 'describeResource' : 'describeMcpResource',
      tag: 'Models',
      summary: 'Whose tokens the agents’ door takes (RFC 9728)',
      policy: 'public',
      effect: 'read',
      isForAnyone: true,
      answers: { 200: { type: 'application/json', description: 'Protected resource metadata.' } },
      problems: ['host-not-allowed'],
      http: { method: 'get', path },
      handle(c: Context<HubEnv>, { config }: Deps) {
        const issuers = config.mcp.issuers.map(({ issuer }) => issuer)
        return c.json({
          resource: `${resolvePublicOrigin(config, readClient(c, config.trustedProxies))}/mcp`,
          resource_name: 'KubeAIRunway Hub',
          // RFC 9728 §3.2: what has no value is left out.
          ...(issuers.length > 0 && { authorization_servers: issuers }),
          bearer_methods_supported: ['header'],
        })
      },
    }),
  ),
]

/** RFC 9728 §5.1: a 401 names where a client finds out how to get a token. */
export function createChallenge(config: Deps['config']): AnswerError {
  return (c, error) => {
    const problem = answerProblem(c, error, c.get('ctx').requestId)
    if (problem.status !== 401) return problem
    const headers = new Headers(problem.headers)
    const known = headers.get('www-authenticate') ?? 'Bearer realm="hub"'
    const origin = originOf(c, config)
    headers.set('www-authenticate', `${known}, resource_metadata="${origin}${metadataPath}/mcp"`)
    return new Response(problem.body, { status: 401, headers })
  }
}

/** Also where the hub does not answer for that host: the metadata then says so. */
function originOf(c: Context, config: Deps['config']): string {
  try {
    return resolvePublicOrigin(config, readClient(c, config.trustedProxies))
  } catch {
    return new URL(c.req.url).origin
  }
}

/**
 * MCP, Streamable HTTP §Security: a page elsewhere must not reach this by a browser that is near it, whoever it is. Throws
 * `forbidden` and `host-not-allowed`.
 */
export function checkPlace(config: Deps['config']): MiddlewareHandler<HubEnv> {
  return (c, next) => {
    const client = readClient(c, config.trustedProxies)
    c.set('portalOrigin', resolvePublicOrigin(config, client))
    const origin = c.req.header('origin')
    const isKnown =
      origin === undefined || config.corsOrigins.has(origin) || isOwnOrigin(config, origin, client)
    if (isKnown) return next()
    throw new AppError('forbidden', {
      detail: `The Origin "${origin.slice(0, 200)}" is not one of this hub's. An operator allows others with CORS_ORIGINS.`,
    })
  }
}

/** What is no UTF-8 is no JSON either, as an empty text is none. */
function readText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    return ''
  }
}
