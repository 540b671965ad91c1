import { randomUUID } from 'node:crypto'
import { getConnInfo } from '@hono/node-server/conninfo'
import { Hono, type Context } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { recordAudit } from '#audit'
import { authenticate, browserCookies, isOwnOrigin, reauthenticate, type AuthDeps } from '#auth'
import type { Config } from '#config'
import type { Actor, Clock, HubEnv, RequestContext } from '#context'
import type { Database } from '#db'
import { AppError } from '#errors'
import {
  jsonBody,
  portal,
  problemResponse,
  refuseCrossSite,
  securityHeaders,
  asAppError,
} from '#http'
import type { Logger } from '#log'
import { authRoutes } from './auth/routes.ts'
import { deploymentRoutes } from './deployments/routes.ts'
import { fleetRoutes } from './fleet/routes.ts'
import { credentialRoutes } from './instances/credential-routes.ts'
import { instanceRoutes } from './instances/routes.ts'
import type { Fleet } from '#fleet'
import type { Instances } from '#instances'

export type AppDeps = {
  config: Config
  db: Database
  auth: AuthDeps
  instances: Instances
  fleet: Fleet
  now: Clock
  log: Logger
  /** The folder of the built portal. */
  portalDirectory: string
}

/** The whole HTTP surface of the hub. Its type is what the portal's client is typed by. */
export function createApp(deps: AppDeps) {
  const { auth, config, fleet, instances } = deps

  const api = new Hono<HubEnv>()
  api.use(
    methodNotAllowed({
      app: api,
      onMethodNotAllowed: (c, methods) => {
        const answer = problemResponse(
          new AppError('method-not-allowed', {
            detail: `${c.req.path} takes ${methods.join(', ')}, not ${c.req.method}.`,
          }),
          { path: c.req.path, requestId: c.var.ctx.requestId },
        )
        answer.headers.set('allow', methods.join(', '))
        return answer
      },
    }),
  )
  const apiRoutes = api
    .route('/auth', authRoutes(auth))
    .route('/instances', instanceRoutes({ instances, fleet }))
    .route('/instances', deploymentRoutes({ instances, fleet }))
    .route('/admin/credentials', credentialRoutes({ instances, credentials: config.credentials }))
    .route('/', fleetRoutes({ instances, fleet, reauthenticate: refresh }))

  async function refresh(ctx: RequestContext): Promise<RequestContext | null> {
    const { actor } = ctx
    if (actor.type !== 'user') return null
    const fresh = await reauthenticate(ctx, auth, actor)
    return fresh && { ...ctx, actor: fresh }
  }

  const app = new Hono<HubEnv>()
  app.use(securityHeaders({ https: config.production }))
  app.use(async (c, next) => {
    c.set('ctx', createContext(c, deps, { type: 'anonymous' }))
    const startedAt = performance.now()
    await next()
    c.res.headers.set('x-request-id', c.var.ctx.requestId)
    logRequest(c, deps.log, performance.now() - startedAt)
  })
  app.onError(async (thrown, c) => {
    const error = asAppError(thrown)
    const ctx = c.var.ctx
    if (error.denial) await recordDenial(ctx, error)
    if (error.code === 'internal') ctx.log.error({ error }, 'request failed')
    else ctx.log.debug({ error }, 'request refused')
    return problemResponse(error, { path: c.req.path, requestId: ctx.requestId })
  })
  app.get('/livez', (c) => c.text('ok', 200))
  app.get('/readyz', async (c) => {
    try {
      await deps.db.ping()
      return c.text('ok', 200)
    } catch (error) {
      deps.log.warn({ error }, 'not ready: the database does not answer')
      return c.text('the database does not answer', 503)
    }
  })
  app.use(
    '/api/*',
    refuseCrossSite({
      isOwnOrigin: (origin, host) => isOwnOrigin(config, origin, host),
      except: new Set(),
    }),
    async (c, next) => {
      const cookie = browserCookies(c, config).session()
      const actor = await authenticate(c.var.ctx, auth, cookie)
      c.set('ctx', { ...c.var.ctx, actor })
      return next()
    },
    jsonBody(),
  )
  const routed = app.route('/api', apiRoutes)
  app.all('/api/*', (c) =>
    problemResponse(
      new AppError('not-found', { detail: `There is no ${c.req.path} in this API.` }),
      { path: c.req.path, requestId: c.var.ctx.requestId },
    ),
  )
  app.route('/', portal(deps.portalDirectory))
  return routed
}

export type AppType = ReturnType<typeof createApp>

function createContext(c: Context<HubEnv>, deps: AppDeps, actor: Actor): RequestContext {
  const requestId = randomUUID()
  return {
    actor,
    requestId,
    ip: readPeer(c),
    userAgent: c.req.header('user-agent') ?? null,
    now: deps.now,
    db: deps.db,
    log: deps.log.child({ requestId }),
    signal: c.req.raw.signal,
  }
}

/** Null where no socket is behind the request, as in tests that call the app directly. */
function readPeer(c: Context<HubEnv>): string | null {
  try {
    return getConnInfo(c).remote.address ?? null
  } catch {
    return null
  }
}

async function recordDenial(ctx: RequestContext, error: AppError): Promise<void> {
  const { permission, ...target } = error.denial!
  await recordAudit(ctx, {
    action: 'access.denied',
    outcome: 'denied',
    target: { ...target, permission },
    reason: error.code,
  })
}

function logRequest(c: Context<HubEnv>, log: Logger, durationMs: number): void {
  const { actor, requestId } = c.var.ctx
  log.info(
    {
      requestId,
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      durationMs: Math.round(durationMs * 10) / 10,
      ...(actor.type === 'user' && { principal: actor.principal }),
    },
    'request',
  )
}
