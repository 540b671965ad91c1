import type { Problem, ProblemCode } from '@hub/shared'
import type { Context } from 'hono'
import type { AppError } from '#errors'

/** Codes and what they are over HTTP. */
const statuses = {
  unauthenticated: [401, 'Sign-in required'],
  'session-ended': [401, 'Session ended'],
  'reauthentication-required': [401, 'Recent sign-in required'],
  forbidden: [403, 'Not allowed'],
  csrf: [403, 'Cross-site request refused'],
  'invalid-token': [401, 'Token not accepted'],
  'user-disabled': [403, 'Account disabled'],
  'not-found': [404, 'Not found'],
  'method-not-allowed': [405, 'Method not allowed'],
  'invalid-request': [400, 'Invalid request'],
  'invalid-json': [400, 'Invalid JSON'],
  'body-too-large': [413, 'Request body too large'],
  'unsupported-media-type': [415, 'Unsupported media type'],
  'host-not-allowed': [400, 'Host not allowed'],
  'provider-not-enabled': [404, 'Identity provider not enabled'],
  'login-expired': [400, 'Sign-in expired'],
  'login-refused': [403, 'Sign-in refused'],
  'login-failed': [401, 'Sign-in failed'],
  'account-not-allowed': [403, 'Account not allowed'],
  'logout-token-invalid': [400, 'Logout token invalid'],
  'provider-unavailable': [502, 'Identity provider unavailable'],
  'setup-refused': [403, 'Setup code refused'],
  'too-many-tokens': [409, 'Too many API tokens'],
  'budget-used-up': [409, 'Budget used up'],
  'confirmation-required': [403, 'A person has to agree first'],
  'deployment-invalid': [422, 'Deployment invalid'],
  'deployment-refused': [422, 'Deployment refused by the cluster'],
  'deployment-exists': [409, 'Deployment exists'],
  'deployment-changed': [412, 'Deployment changed'],
  'instance-closed': [409, 'Instance closed for new deployments'],
  'idempotency-key-reused': [422, 'Idempotency key reused'],
  'idempotency-key-in-use': [409, 'Idempotency key in use'],
  conflict: [409, 'Conflict'],
  'instance-not-ready': [503, 'Instance not ready'],
  'instance-no-crd': [409, 'AI Runway is not installed on the instance'],
  'instance-unreachable': [502, 'Instance unreachable'],
  'instance-timeout': [504, 'Instance did not answer in time'],
  'instance-tls': [502, 'No secure connection to the instance'],
  'instance-unauthorized': [502, 'The hub was refused by the instance'],
  'instance-forbidden': [403, 'Refused by the instance'],
  'no-cluster-token': [403, 'No token that the instance takes'],
  'instance-throttled': [429, 'Instance is busy'],
  'instance-error': [502, 'Instance failed'],
  'credential-refused': [422, 'Credential refused'],
  'credentials-read-only': [409, 'Credentials directory is read-only'],
  'too-many-streams': [429, 'Too many open streams'],
  'too-many-requests': [429, 'Too many requests'],
  unavailable: [503, 'Not available'],
  internal: [500, 'Internal error'],
} as const satisfies Record<ProblemCode, readonly [number, string]>

export function describeProblem(code: ProblemCode) {
  const [status, title] = statuses[code]
  return { status, title }
}

export type ProblemStatus = (typeof statuses)[ProblemCode][0]

/** How many wrong fields are named. */
export const problemErrorsMax = 20
const pathMax = 300
const pointerMax = 300
const errorDetailMax = 500
const detailMax = 4_000

/**
 * The RFC 9457 body of an error; `path` is the request's path without its query. It is short whatever was sent, and
 * whatever a cluster or a provider said.
 */
export function presentProblem(
  error: AppError,
  request: { path: string; requestId: string },
): Problem & { status: ProblemStatus } {
  const [status, title] = statuses[error.code]
  return {
    type: `/docs/errors#${error.code}`,
    title,
    status,
    detail: shorten(error.detail, detailMax),
    instance: shorten(request.path, pathMax),
    code: error.code,
    requestId: request.requestId,
    ...(error.outcome !== undefined && { outcome: error.outcome }),
    ...(error.errors &&
      error.errors.length > 0 && {
        errors: error.errors.slice(0, problemErrorsMax).map(({ detail, pointer }) => ({
          pointer: shorten(pointer, pointerMax),
          detail: shorten(detail, errorDetailMax),
        })),
      }),
  }
}

function shorten(text: string, lengthMax: number): string {
  return text.length > lengthMax ? `${text.slice(0, lengthMax).toWellFormed()}…` : text
}

/** Answers with a problem as `application/problem+json`, never cached. */
export function answerProblem(c: Context, error: AppError, requestId: string): Response {
  const problem = presentProblem(error, { path: c.req.path, requestId })
  c.header('content-type', 'application/problem+json')
  c.header('cache-control', 'no-store')
  // RFC 9110 §15.5.2: a 401 names how to authenticate; RFC 6750 §3.1: and why not, only where a token was presented.
  if (problem.status === 401) {
    const fault = error.code === 'invalid-token' ? describeTokenFault(error.detail) : ''
    c.header('www-authenticate', `Bearer realm="hub"${fault}`)
  }
  if (error.retryAfterSeconds !== undefined) {
    c.header('retry-after', String(Math.ceil(error.retryAfterSeconds)))
  }
  return c.body(JSON.stringify(problem), problem.status)
}

/** RFC 6750 §3: printable ASCII without quotes and backslashes. */
function describeTokenFault(detail: string): string {
  const description = detail.slice(0, errorDetailMax).replaceAll(/[^\x20-\x7e]|["\\]/g, '')
  return `, error="invalid_token", error_description="${description}"`
}
