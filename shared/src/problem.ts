import * as z from 'zod'

/** Every `code` an `application/problem+json` answer of the hub can carry. */
export const problemCodes = [
  'unauthenticated',
  'session-ended',
  'reauthentication-required',
  'forbidden',
  'csrf',
  'invalid-token',
  'user-disabled',
  'not-found',
  'method-not-allowed',
  'invalid-request',
  'invalid-json',
  'body-too-large',
  'unsupported-media-type',
  'host-not-allowed',
  'provider-not-enabled',
  'login-expired',
  'login-refused',
  'login-failed',
  'account-not-allowed',
  'logout-token-invalid',
  'provider-unavailable',
  'setup-refused',
  'too-many-tokens',
  'confirmation-required',
  'budget-used-up',
  'deployment-invalid',
  'deployment-refused',
  'deployment-exists',
  'conflict',
  'deployment-changed',
  'instance-closed',
  'idempotency-key-reused',
  'idempotency-key-in-use',
  'instance-not-ready',
  'instance-no-crd',
  'instance-unreachable',
  'instance-timeout',
  'instance-tls',
  'instance-unauthorized',
  'instance-forbidden',
  'no-cluster-token',
  'instance-throttled',
  'instance-error',
  'credential-refused',
  'credentials-read-only',
  'too-many-streams',
  'too-many-requests',
  'unavailable',
  'internal',
] as const
export const ProblemCode = z.enum(problemCodes)
export type ProblemCode = z.infer<typeof ProblemCode>

/** One invalid field: `pointer` is a JSON Pointer (RFC 6901) into the request body, or `?name` for a query parameter. */
export const FieldError = z.object({ pointer: z.string(), detail: z.string() })
export type FieldError = z.infer<typeof FieldError>

/**
 * Problem details (RFC 9457) as `application/problem+json`; `detail` says what happened and what to do. `outcome` stands
 * where a change may have been made all the same.
 */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: ProblemCode,
  requestId: z.string(),
  errors: z.array(FieldError).optional(),
  outcome: z.literal('unknown').optional(),
})
export type Problem = z.infer<typeof Problem>
