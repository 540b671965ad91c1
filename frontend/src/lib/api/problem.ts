import type { FieldError, Problem } from '@hub/shared'

/** An answer of the hub that is not a success; `message` is the problem's detail, written for people. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly code: string
  readonly detail: string
  /** Null where the hub itself said nothing: nobody answered, or a proxy did. */
  readonly requestId: string | null
  readonly errors: readonly FieldError[]
  /** What was asked for may have been done all the same. */
  readonly mayHaveHappened: boolean

  constructor(problem: {
    status: number
    code: string
    detail: string
    requestId?: string | null
    errors?: readonly FieldError[] | undefined
    outcome?: 'unknown' | undefined
  }) {
    super(problem.detail)
    this.status = problem.status
    this.code = problem.code
    this.detail = problem.detail
    this.requestId = problem.requestId ?? null
    this.errors = problem.errors ?? []
    this.mayHaveHappened = problem.outcome === 'unknown'
  }
}

export interface HttpAnswer {
  ok: boolean
  status: number
  json: () => Promise<unknown>
}

/** Turns a failed response into an `ApiProblem`, whoever sent it: the hub, or a proxy that speaks no JSON. */
export async function readProblem(response: HttpAnswer): Promise<ApiProblem> {
  const body = await response.json().catch(() => null)
  if (isProblemBody(body)) return new ApiProblem(body)
  return new ApiProblem({
    status: response.status,
    code: response.status >= 500 ? 'unavailable' : 'internal',
    detail: `The hub answered ${response.status} and gave no reason. Try again in a moment.`,
  })
}

/** A proxy on the way may answer in JSON too, but not like this. */
function isProblemBody(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false
  const { code, detail, requestId, status, errors = [] } = body as Partial<Problem>
  return (
    [code, detail, requestId].every((text) => typeof text === 'string') &&
    typeof status === 'number' &&
    Array.isArray(errors)
  )
}

export function isProblem(error: unknown, ...statuses: number[]): error is ApiProblem {
  return error instanceof ApiProblem && (statuses.length === 0 || statuses.includes(error.status))
}

/**
 * What to tell a person whose change failed: `title` says that it did not happen, which holds only where the hub says so.
 * A connection that breaks may do so after the hub has acted.
 */
export function describeFailure(
  error: unknown,
  title: string,
): { title: string; text: string; isUnknown: boolean } {
  const text = describeError(error)
  if (!isProblem(error)) return { title, text, isUnknown: false }
  if (error.mayHaveHappened) return { title: 'It may have happened anyway', text, isUnknown: true }
  if (error.requestId !== null) return { title, text, isUnknown: false }
  return {
    title: 'No answer from the hub',
    text: `${text} Check first whether it happened anyway.`,
    isUnknown: true,
  }
}

/** What to tell a person about any error. */
export function describeError(error: unknown): string {
  if (error instanceof ApiProblem) return error.detail
  return 'Something went wrong on this page. Reload it and try again.'
}
