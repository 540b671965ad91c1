import type { Context } from 'hono'
import { eventStream } from '#event-stream'
import { answerPlain, definePage, type HubEnv } from '#http'
import { answerGatewayError } from './answer-error.ts'
import type { Gateway } from './create-gateway.ts'
import { readCallHeaders } from './call-headers.ts'
import { passAnswer } from './pass-answer.ts'
import { calls } from './protocol.ts'
import { readCall } from './read-call.ts'

type Deps = { gateway: Gateway }

const provider = 'Only of this instance, or of this provider outside.'
const json = { type: 'application/json', description: "As the protocol's own documents have it." }
const streamed = [json, { type: eventStream, description: 'Where the body says `"stream": true`.' }]
const outsideProblems = [
  'instance-unreachable',
  'instance-timeout',
  'instance-error',
  'instance-unauthorized',
] as const
const problems = [
  'invalid-token',
  'not-found',
  'invalid-json',
  'invalid-request',
  'body-too-large',
  'unsupported-media-type',
  'instance-not-ready',
  ...outsideProblems,
  'too-many-requests',
] as const

const errors = [
  json,
  { type: 'text/plain', description: 'Where no header came, and no JSON is asked for.' },
]
const common = {
  tag: 'Models',
  policy: 'bearer',
  isForModels: true,
  answerError: answerGatewayError,
  errors,
} as const

/** The OpenAI-compatible door: bearers alone, and errors in the words of its protocols. */
export const gatewayPages = [
  definePage({
    ...common,
    id: 'listModels',
    summary: 'Models that the caller may use',
    effect: 'read',
    answers: { 200: json },
    problems: outsideProblems,
    reads: { query: { provider } },
    http: { method: 'get', path: '/v1/models' },
    async handle(c: Context<HubEnv>, { gateway }: Deps) {
      const data = await gateway.list(c.get('ctx'), c.req.query('provider'))
      return c.json({ object: 'list', data })
    },
  }),
  definePage({
    ...common,
    id: 'getModel',
    summary: 'One model',
    effect: 'read',
    answers: { 200: json },
    problems: ['not-found', ...outsideProblems],
    reads: { path: { model: 'Its name, slashes and all.' } },
    http: { method: 'get', path: '/v1/models/:model{.+}' },
    async handle(c: Context<HubEnv>, { gateway }: Deps) {
      return c.json(await gateway.get(c.get('ctx'), c.req.param('model') ?? ''))
    },
  }),
  ...Object.entries(calls).map(([id, { path, protocol, summary }]) =>
    definePage({
      ...common,
      id,
      summary,
      // It changes nothing of the hub's.
      effect: 'read',
      answers: { 200: streamed },
      problems,
      reads: { query: { provider }, body: json },
      http: { method: 'post', path: `/v1/${path.join('/')}` },
      async handle(c: Context<HubEnv>, { gateway }: Deps) {
        const ctx = c.get('ctx')
        const startedAt = performance.now()
        const { body, model, text } = await readCall(c)
        const answer = await gateway.call(ctx, model, c.req.query('provider'), {
          path,
          text,
          body,
          headers: readCallHeaders(c),
        })
        const { requestId, signal } = ctx
        const passed = await passAnswer(answer, { protocol, requestId, startedAt, signal })
        return answerPlain(c, passed.status, passed.body, passed.headers)
      },
    }),
  ),
]
