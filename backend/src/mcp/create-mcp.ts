import { createMcpHandler, ProtocolErrorCode } from '@modelcontextprotocol/server'
import type { Budgets } from '#budgets'
import type { Confirmations } from '#confirmations'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { isRecord } from '#kube'
import type { Logger } from '#log'
import { isKept, type BoundOperation } from '#operation'
import type { Streams } from '#stream'
import { withAccept } from './accept.ts'
import { nameAgentCall, type Calling } from './agent-call.ts'
import { answerAtOnce, readPlainRequest, type PlainRequest } from './answer-at-once.ts'
import { callTool } from './call-tool.ts'
import { createServers } from './create-servers.ts'
import { listen, type Listening } from './listen.ts'
import { parseJson } from './parse-json.ts'
import { createResources } from './resources.ts'
import { createRunTool } from './run-tool.ts'
import { createToolLists } from './tool-lists.ts'
import { writeResult } from './tool-result.ts'
import { createTools, isOfferedTo } from './tools.ts'

export type Mcp = {
  /**
   * One request of the Streamable HTTP transport, whose caller is known and whose body is bounded: a response, or just the
   * JSON of one. Throws what opening a stream throws.
   */
  answer(ctx: RequestContext, sent: Sent, calling: Calling): Promise<Response | Buffer<ArrayBuffer>>
}

/** The body was read before. */
type Sent = { request: Request; body: string }

type McpDeps = {
  operations: readonly BoundOperation[]
  streams: Streams
  budgets: Pick<Budgets, 'countCall'>
  confirmations: Confirmations
  log: Logger
  version: string
}

/**
 * The agents' door: the hub's operations as tools, stateless, so that any replica can answer. Every tool is described when the
 * first agent comes, and not at a start.
 */
export function createMcp(deps: McpDeps): Mcp {
  let made: Mcp | undefined
  return { answer: (...asked) => (made ??= describeTools(deps)).answer(...asked) }
}

function describeTools(deps: McpDeps): Mcp {
  const { budgets, confirmations, log, operations, streams, version } = deps
  const tools = createTools(operations)
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  const run = createRunTool(byName)
  const resources = createResources(tools, run)

  const findOffered = (ctx: RequestContext, name: string) => {
    const tool = byName.get(name)
    return tool && isOfferedTo(ctx, tool) ? tool : null
  }
  const lists = createToolLists(tools)
  /** What needs no server of the protocol: which tools there are, and what memory holds as JSON already. */
  const answerPlain = async (ctx: RequestContext, asked: PlainRequest, calling: Calling) => {
    if (asked.method === 'tools/list') return answerAtOnce(asked, [lists.of(ctx)])
    const tool = findOffered(ctx, asked.name)
    if (!tool || !isKept(tool.operation.output)) return null
    const { bearer, recordDenial } = calling
    const called = nameAgentCall(ctx, { bearer, envelope: undefined, tool: tool.name })
    const how = { recordDenial, countCall: budgets.countCall, log, report: undefined }
    const answer = await callTool(called, tool, asked.given, how)
    return answerAtOnce(asked, writeResult(answer))
  }

  const createServer = createServers({
    tools,
    findOffered,
    run,
    resources,
    budgets,
    confirmations,
    log,
    version,
  })

  return {
    async answer(ctx, { body, request }, calling) {
      if (/^\s*\[/.test(body)) return refuseBatch()
      const plain = readPlainRequest(request.headers, body)
      const answered = plain && (await answerPlain(ctx, plain, calling))
      if (answered) return answered
      const listening = listenFor(ctx, streams, request, body)
      const handler = createMcpHandler((at) => createServer(ctx, calling, at), {
        ...(listening && { bus: listening.bus }),
        onerror: (error) => ctx.log.debug({ error }, 'an agent sent what is not understood'),
      })
      // Whoever may not read any more is told nothing more.
      void listening?.ended.catch(() => {}).then(() => handler.close())
      try {
        const headers = withAccept(request.headers)
        const response = await handler.fetch(
          new Request(request, { method: 'POST', headers, body }),
        )
        return listening?.pace(response) ?? response
      } catch (cause) {
        listening?.close()
        throw new AppError('internal', { detail: 'The request could not be answered.', cause })
      }
    },
  }
}

/** One message for each request, as since revision 2025-06-18: what is counted is counted by requests. */
function refuseBatch(): Response {
  const message = 'A request is one message: this server takes no batches.'
  const error = { code: ProtocolErrorCode.InvalidRequest, message }
  return Response.json({ jsonrpc: '2.0', id: null, error }, { status: 400 })
}

/** The transport has the method in a header too, and refuses what differs from the body. */
function listenFor(
  ctx: RequestContext,
  streams: Streams,
  request: Request,
  text: string,
): Listening | null {
  if (request.headers.get('mcp-method') !== 'subscriptions/listen') return null
  const body = parseJson(text)
  const params = isRecord(body) && isRecord(body['params']) ? body['params'] : {}
  const wanted = isRecord(params['notifications']) ? params['notifications'] : {}
  const uris: unknown = wanted['resourceSubscriptions']
  const subscribed = Array.isArray(uris) ? uris.filter((uri) => typeof uri === 'string') : []
  return listen(ctx, streams, subscribed)
}
