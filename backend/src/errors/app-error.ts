import type { FieldError, Permission, ProblemCode } from '@hub/shared'

/** What was refused to whom: the one place that answers turns it into an audit row. */
export type Denial = {
  permission: Permission
  instance: string | null
  namespace: string | null
}

export type AppErrorOptions = {
  /** Shown to people: a sentence that says what happened and what to do. Holds no secret. */
  detail: string
  /** For the log only. */
  cause?: unknown
  /** Invalid fields of the request body, by JSON Pointer. */
  errors?: FieldError[]
  denial?: Denial
  retryAfterSeconds?: number
  /** What was asked for may have been done all the same. */
  outcome?: 'unknown'
  /** What waits for a person's yes. */
  confirmation?: string
  /** A page elsewhere where the person can do something about it: its origin has been checked. */
  helpUrl?: string
}

/** The only error that reaches a caller with its own words; every other becomes `internal`. */
export class AppError extends Error {
  readonly code: ProblemCode
  readonly detail: string
  readonly errors: FieldError[] | undefined
  readonly denial: Denial | undefined
  readonly retryAfterSeconds: number | undefined
  readonly outcome: 'unknown' | undefined
  readonly helpUrl: string | undefined
  readonly confirmation: string | undefined

  constructor(code: ProblemCode, options: AppErrorOptions) {
    super(`${code}: ${options.detail}`, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.detail = options.detail
    this.errors = options.errors
    this.denial = options.denial
    this.retryAfterSeconds = options.retryAfterSeconds
    this.outcome = options.outcome
    this.helpUrl = options.helpUrl
    this.confirmation = options.confirmation
  }

  /** The same with other words about fields. */
  withErrors(errors: FieldError[]): AppError {
    const { cause, code, denial, detail, helpUrl, outcome, retryAfterSeconds } = this
    return new AppError(code, {
      detail,
      cause,
      errors,
      ...(denial && { denial }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(outcome && { outcome }),
      ...(helpUrl !== undefined && { helpUrl }),
    })
  }
}
