import type { ProblemCode } from '@hub/shared'
import type { Context } from 'hono'
import type { AppError } from '#errors'
import { answerProblem, type AnswerError } from '#http'
import { calls, type Protocol } from './protocol.ts'

const anthropicPath = `/v1/${calls.createMessage.path.join('/')}`

/** Told where no header came at all, word for word as the gateway before this one did. */
const missing = 'Authorization header missing'

/**
 * Answers in the words of the protocol that is asked for; status and headers are those of the hub's own problems.
 * Whoever sends no Authorization header and does not ask for JSON is told so in plain text.
 */
export const answerGatewayError: AnswerError = (c, error) => answerAs(c, error, openaiCodes)

/** The same where there is no such call: that is no model's fault. */
export const answerUnknownCall: AnswerError = (c, error) =>
  answerAs(c, error, { ...openaiCodes, 'not-found': 'unknown_url' })

async function answerAs(c: Context, error: AppError, codes: typeof openaiCodes): Promise<Response> {
  const { requestId } = c.get('ctx')
  const isMissing = error.code === 'unauthenticated' && c.req.header('authorization') === undefined
  const problem = answerProblem(c, error, requestId)
  // Who cannot be asked whether a token is good is part of this service to whoever calls it.
  const status = error.code === 'provider-unavailable' ? 503 : problem.status
  const headers = new Headers(problem.headers)
  headers.set('x-request-id', requestId)
  if (isMissing && !(c.req.header('accept') ?? '').includes('application/json')) {
    headers.set('content-type', 'text/plain; charset=utf-8')
    return new Response(missing, { status, headers })
  }
  headers.set('content-type', 'application/json')
  const told = { code: error.code, detail: isMissing ? missing : error.detail }
  const body = describeError(protocolOf(c), told, { status, isMissing, requestId, codes })
  return new Response(JSON.stringify(body), { status, headers })
}

function protocolOf(c: Context): Protocol {
  return `${c.req.path}/`.startsWith(`${anthropicPath}/`) ? 'anthropic' : 'openai'
}

/** The error object of a protocol, as its official clients read it. */
export function describeError(
  protocol: Protocol,
  { code, detail }: Pick<AppError, 'code' | 'detail'>,
  {
    codes = openaiCodes,
    isMissing = false,
    requestId,
    status,
  }: { codes?: typeof openaiCodes; isMissing?: boolean; requestId: string; status: number },
): { error: object; type?: string; request_id?: string } {
  if (protocol === 'anthropic') {
    const type = anthropicTypes[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
    return { type: 'error', error: { type, message: detail }, request_id: requestId }
  }
  const type = openaiTypes[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
  const named = isMissing ? 'missing_authorization' : (codes[code] ?? code.replaceAll('-', '_'))
  return { error: { message: detail, type, param: null, code: named } }
}

const openaiTypes: Partial<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
  504: 'timeout_error',
}

const anthropicTypes: Partial<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
}

const openaiCodes: Partial<Record<ProblemCode, string>> = {
  'not-found': 'model_not_found',
  'invalid-token': 'invalid_api_key',
  unauthenticated: 'invalid_authorization',
}
