import type { Context } from 'hono'
import { AppError } from '#errors'
import { isSameText } from '#secrets'
import type { Telemetry } from '#telemetry'
import { authorizationHeaders, readBearer } from './authorization.ts'
import { definePage } from './define-page.ts'

type Deps = {
  telemetry: Telemetry | null
  config: { metricsToken: string | null }
}

/** What Prometheus scrapes, with the one token that is good for nothing else. */
export const metricsPages = [
  definePage({
    id: 'getMetrics',
    tag: 'Hub',
    summary: 'What this replica does, for Prometheus',
    description:
      'With `METRICS_TOKEN` as bearer; without that variable there is nothing here. No label names a person.',
    policy: 'public',
    effect: 'read',
    isForAnyone: true,
    answers: {
      200: { type: 'text/plain', description: 'The text format of Prometheus.' },
    },
    problems: ['not-found', 'invalid-token', 'unauthenticated'],
    http: { method: 'get', path: '/metrics' },
    async handle(c: Context, { config, telemetry }: Deps) {
      if (telemetry === null || config.metricsToken === null) {
        throw new AppError('not-found', { detail: 'There is no /metrics in this hub.' })
      }
      const bearer = readBearer(authorizationHeaders(c))
      if (bearer === null) {
        throw new AppError('unauthenticated', {
          detail: 'Send the METRICS_TOKEN of this hub as a bearer token.',
        })
      }
      if (!isSameText(bearer, config.metricsToken)) {
        throw new AppError('invalid-token', {
          detail: 'This is not the METRICS_TOKEN of this hub.',
        })
      }
      const { text, type } = await telemetry.expose()
      return c.body(text, 200, { 'content-type': type, 'cache-control': 'no-store' })
    },
  }),
] as const
