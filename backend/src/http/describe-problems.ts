import type { ProblemCode } from '@hub/shared'
import type { Policy } from '#operation'
import type { Listed } from './listed.ts'
import { describeProblem } from './problem.ts'

type Answer = { description: string; content?: Record<string, object> }

/** By status: what is answered beside its own, joined to those of its own that have the same status. */
export function describeProblems(
  listed: Listed,
  own: Readonly<Record<string, Answer>>,
): Record<string, Answer> {
  const byStatus = new Map<string, Map<ProblemCode, string>>()
  for (const code of problemsOf(listed)) {
    const { status, title } = describeProblem(code)
    const known = byStatus.get(String(status)) ?? new Map<ProblemCode, string>()
    byStatus.set(String(status), known.set(code, title))
  }
  return Object.fromEntries(
    [...byStatus].map(([status, titles]) => {
      const answer = own[status]
      const sentences = [...titles].map(([code, title]) => `\`${code}\`: ${title}.`)
      const content = {
        ...answer?.content,
        ...(listed.declared.errors
          ? Object.fromEntries(listed.declared.errors.map(({ type }) => [type, { schema: {} }]))
          : problemContent([...titles.keys()])),
      }
      return [
        status,
        { description: [...(answer ? [answer.description] : []), ...sentences].join(' '), content },
      ]
    }),
  )
}

function problemContent(codes: readonly ProblemCode[]): Record<string, object> {
  return {
    'application/problem+json': {
      schema: {
        allOf: [
          { $ref: '#/components/schemas/Problem' },
          { type: 'object', properties: { code: { enum: codes } } },
        ],
      },
    },
  }
}

/** By its policy, by what it reads, and what everything may. */
function problemsOf({ declared, inputs }: Listed): ProblemCode[] {
  if (declared.isUnlimited) return []
  const { http, policy, problems = [] } = declared
  return [
    ...problemsOfPolicy(policy),
    // A header that is not understood is as one that is not there.
    ...(inputs.path || inputs.query || inputs.body ? (['invalid-request'] as const) : []),
    ...(inputs.body ? (['invalid-json', 'body-too-large', 'unsupported-media-type'] as const) : []),
    ...(http.method === 'get' || policy === 'public' || policy === 'bearer'
      ? []
      : (['csrf'] as const)),
    ...(declared.repeats ? (['idempotency-key-reused', 'idempotency-key-in-use'] as const) : []),
    ...problems,
    'too-many-requests',
    'internal',
    'unavailable',
  ]
}

function problemsOfPolicy(policy: Policy): ProblemCode[] {
  if (policy === 'public') return []
  const unknown = ['unauthenticated', 'session-ended', 'invalid-token', 'user-disabled'] as const
  if (policy === 'signed-in' || policy === 'bearer') return [...unknown]
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
