import { randomUUID } from 'node:crypto'
import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { readAdministrators, type AccessDeps } from '#access'
import { recordAudit } from '#audit'
import { authenticate, reauthenticate, type Authenticated, type SessionUse } from '#accounts'
import { isLoopbackHost, type Config } from '#config'
import {
  isCaller,
  withActor,
  type Actor,
  type Clock,
  type HubEnv,
  type RequestContext,
} from '#context'
import { asDatabaseFault, asTransactionFault, type Database } from '#db'
import { AppError } from '#errors'
import {
  allowOrigins,
  apiDocs,
  createRateLimiter,
  describeApi,
  describeRoute,
  jsonBody,
  placeOf,
  portal,
  presentBearer,
  readClient,
  refuseControlCharacters,
  refuseCrossSite,
  refuseRemote,
  securityHeaders,
  answerProblem,
  asAppError,
  type RateLimiter,
} from '#http'
import type { Logger } from '#log'
import { requireCaller } from '#rbac'
import { browserCookies, isOwnOrigin, localCookie, sessionCookieName } from '#sign-in'
import type { Auth } from './create-auth.ts'
import { accountRoutes } from './accounts/routes.ts'
import { auditRoutes } from './audit/routes.ts'
import { groupRoutes, ownRequestRoutes, requestRoutes } from './access/request-routes.ts'
import {
  effectiveAccessRoutes,
  groupMappingRoutes,
  servicePrincipalRoutes,
  userGrantRoutes,
} from './access/routes.ts'
import { providerRoutes } from './sign-in/provider-routes.ts'
import { localRoutes } from './sign-in/local-routes.ts'
import { authRoutes } from './sign-in/routes.ts'
import { setupRoutes } from './setup/routes.ts'
import { tokenRoutes, userTokenRoutes } from './tokens/routes.ts'
import { userSessionRoutes } from './sessions/user-session-routes.ts'
import { deploymentRoutes } from './deployments/routes.ts'
import { fleetRoutes } from './fleet/routes.ts'
import { credentialRoutes } from './instances/credential-routes.ts'
import { instanceRoutes } from './instances/routes.ts'
import { userRoutes } from './people/routes.ts'
import { createAskClusters, type Fleet } from '#fleet'
import type { Instances } from '#instances'

export type AppDeps = {
  config: Config
  db: Database
  auth: Auth
  instances: Instances
  fleet: Fleet
  now: Clock
  log: Logger
  /** Why the hub should be sent no requests, as a few words; null when it should. */
  notReady: () => string | null
  /** Aborts when streams should end, because the hub does. */
  ending: AbortSignal
  /** The folder of the manifests that a credential's rights come from. */
  rbacDirectory: string
  /** The folder of the built portal. */
  portalDirectory: string
}

/** The whole HTTP surface of the hub. Its type is what the portal's client is typed by. */
export function createApp(deps: AppDeps) {
  const { auth, config, fleet, instances } = deps
  const askClusters = createAskClusters({ instances, fleet, now: deps.now })
  const access: AccessDeps = {
    grants: config.grants,
    groupStaleSeconds: config.groupStaleSeconds,
    rules: config,
    hasInstance: (id) => instances.find(id) !== null,
    isResting: (id) => instances.resting.has(id),
    isImpersonated: (id) => instances.impersonated.has(id),
  }
  const people = {
    rules: config,
    readAdministrators: (db: Database, now: Date) => readAdministrators(db, access, now),
  }

  const { requestsPerMinute } = config
  const createLimiter = (name: string, quota: number) =>
    createRateLimiter({ name, quota, now: deps.now })
  const limits = {
    general: createLimiter('general', requestsPerMinute.general),
    login: createLimiter('login', requestsPerMinute.login),
    setup: createLimiter('setup', 10),
    tokens: createLimiter('tokens', 60),
    refusedBearers: createLimiter('refused-bearers', 30),
  }
  const clientOf = (c: Context) => readClient(c, config.trustedProxies)
  const addressed = (c: Context) => `${c.req.path} ${placeOf(clientOf(c).ip)}`

  const api = new Hono<HubEnv>()
  api.use(
    methodNotAllowed({
      app: api,
      onMethodNotAllowed: (c, methods) => {
        c.header('allow', methods.join(', '))
        return answerProblem(
          c,
          new AppError('method-not-allowed', {
            detail: `${c.req.path.slice(0, 200)} takes ${methods.join(', ')}, not ${c.req.method}.`,
          }),
          c.get('ctx').requestId,
        )
      },
    }),
  )
  const apiRoutes = api
    .route('/auth', authRoutes(auth, { limitLogin: (c) => limits.login.take(c, addressed(c)) }))
    .route('/auth', setupRoutes(auth))
    .route('/auth/tokens', tokenRoutes(auth))
    .route('/admin/users', userTokenRoutes(auth))
    .route('/instances', instanceRoutes({ instances, fleet, rbacDirectory: deps.rbacDirectory }))
    .route('/instances', deploymentRoutes({ instances, fleet }))
    .route(
      '/admin/credentials',
      credentialRoutes({ instances, credentials: config.credentials, local: config.local }),
    )
    .route('/admin/users', userRoutes(people))
    .route('/admin/users', accountRoutes({ ...access, ...people }))
    .route('/admin/users', userSessionRoutes(auth))
    .route('/admin/audit', auditRoutes())
    .route('/admin/users', userGrantRoutes(access))
    .route('/admin/service-principals', servicePrincipalRoutes(access))
    .route('/admin/group-mappings', groupMappingRoutes(access))
    .route('/admin/effective-access', effectiveAccessRoutes(access))
    .route('/access-requests', ownRequestRoutes(access))
    .route('/admin/access-requests', requestRoutes(access))
    .route('/admin/groups', groupRoutes())
    .route(
      '/',
      fleetRoutes({
        instances,
        fleet,
        reauthenticate: refresh,
        onAccessChange: deps.db.onChange,
        ending: deps.ending,
      }),
    )

  async function refresh(ctx: RequestContext): Promise<RequestContext | null> {
    const { actor } = ctx
    if (!isCaller(actor)) return null
    const fresh = await reauthenticate(ctx, auth, actor)
    return fresh && withActor(ctx, await askClusters(withActor(ctx, fresh)))
  }

  const app = new Hono<HubEnv>()
  app.use(securityHeaders({ https: config.production }))
  app.use(async (c, next) => {
    const ctx = new HttpRequestContext(c, deps)
    c.set('ctx', ctx)
    c.get('standardHeaders')['x-request-id'] = ctx.requestId
    const startedAt = performance.now()
    await next()
    if (deps.log.isLevelEnabled('info')) logRequest(c, deps.log, performance.now() - startedAt)
  })
  app.onError(async (thrown, c) => {
    const ctx = c.get('ctx')
    const error = await recordDenial(c, asAppError(asDatabaseFault(thrown)))
    if (error.code === 'internal') ctx.log.error({ error }, 'request failed')
    else if (error.code === 'unavailable') ctx.log.warn({ error }, 'request not served')
    else ctx.log.debug({ error }, 'request refused')
    return answerProblem(c, error, ctx.requestId)
  })
  if (config.local !== null) app.use(refuseRemote({ isLoopbackHost }))
  app.get(
    '/livez',
    describeRoute({
      policy: 'public',
      operationId: 'isAlive',
      tag: 'Hub',
      summary: 'Whether the hub runs',
      answers: { 200: { type: 'text/plain', description: 'It does.' } },
    }),
    (c) => c.text('ok', 200),
  )
  const isReady = describeRoute({
    policy: 'public',
    operationId: 'isReady',
    tag: 'Hub',
    summary: 'Whether the hub can serve',
    answers: {
      200: { type: 'text/plain', description: 'It can.' },
      503: { type: 'text/plain', description: 'Why not yet, or not any more.' },
    },
  })
  app.get('/readyz', isReady, async (c) => {
    const reason = deps.notReady()
    if (reason !== null) return c.text(reason, 503)
    try {
      await deps.db.ping()
      return c.text('ok', 200)
    } catch (error) {
      deps.log.warn({ error }, 'not ready: the database cannot be used')
      const fault = asTransactionFault(error)
      return c.text(fault instanceof AppError ? fault.detail : 'the database does not answer', 503)
    }
  })
  /** A bearer counts alone: a cookie beside it does not make up for a wrong one. */
  const identify = async (c: Context<HubEnv>): Promise<Authenticated> => {
    const ctx = c.get('ctx')
    const bearer = c.get('bearer')
    if (bearer === null) {
      if (auth.local) {
        const cookie = localCookie(c, config.listen.port).get()
        return { actor: auth.local.byCookie(cookie), renewed: null }
      }
      return authenticate(ctx, auth, browserCookies(c, config).session(), useOf(c.req.path))
    }
    const place = placeOf(clientOf(c).ip)
    limits.refusedBearers.check(c, place)
    try {
      const actor = auth.local
        ? auth.local.byBearer(bearer)
        : await auth.bearers.authenticate(ctx, bearer)
      return { actor, renewed: null }
    } catch (error) {
      if (asAppError(error).code === 'invalid-token') limits.refusedBearers.count(place)
      throw error
    }
  }

  app.use('/api/*', allowOrigins(config.corsOrigins))
  /** Before anything looks at cookies or tokens. */
  const limitByPlace: MiddlewareHandler = (c, next) => {
    limits.general.take(c, placeOf(clientOf(c).ip))
    return next()
  }
  for (const path of ['auth/backchannel-logout/*', 'openapi.json', 'docs/*']) {
    app.use(`/api/${path}`, limitByPlace)
  }
  app.route('/api/auth', providerRoutes(auth))
  const sessionCookie = sessionCookieName(config)
  app.route(
    '/api',
    apiDocs(() => describeApi(app, { sessionCookie })),
  )
  app.use(
    '/api/*',
    presentBearer(),
    refuseCrossSite({
      isOwnOrigin: (origin, c) => isOwnOrigin(config, origin, clientOf(c)),
      isByBearer: (c) => c.get('bearer') !== null,
      streams: new Set([streamPath]),
    }),
    async (c, next) => {
      const ctx = c.get('ctx')
      const { path } = c.req
      const limit = limitOf(limits, c.req.method, path)
      if (limit) limit.take(c, addressed(c))
      const { actor, renewed } = await identify(c)
      ctx.actor = actor
      limits.general.take(c, isCaller(actor) ? actor.principal : placeOf(clientOf(c).ip))
      refuseControlCharacters(c)
      // The sign-in page asks for the providers before anybody is known.
      if (path !== '/api/auth/providers') auth.local?.require(actor)
      // Before anything is read or validated: what is not sign-in itself is for people who are signed in.
      if (!path.startsWith('/api/auth/')) {
        requireCaller(actor)
        if (instances.impersonated.size > 0 && !path.startsWith('/api/admin/')) {
          ctx.actor = await askClusters(ctx, namespaceIn(path))
        }
      }
      await next()
      if (renewed) browserCookies(c, config).renewSession(renewed.sessionCookie, renewed.expiresAt)
    },
    jsonBody(),
  )
  const routed = app.route('/api', apiRoutes)
  app.all('/api/*', (c) =>
    answerProblem(
      c,
      new AppError('not-found', { detail: `There is no ${c.req.path.slice(0, 200)} in this API.` }),
      c.get('ctx').requestId,
    ),
  )
  if (auth.local) app.route('/', localRoutes(auth.local, config.listen))
  app.route('/', portal(deps.portalDirectory))
  return routed
}

export type AppType = ReturnType<typeof createApp>

/**
 * What costs something and is rarely asked for is made when it is. A class, because getters in an object literal make
 * a hidden class per request, which keeps the whole request in memory until the next full garbage collection.
 */
class HttpRequestContext implements RequestContext {
  actor: Actor = { type: 'anonymous' }
  readonly requestId = randomUUID()
  readonly now: Clock
  readonly db: Database
  private readonly c: Context<HubEnv>
  private readonly config: Config
  private readonly hubLog: Logger
  private ownLog: Logger | null = null

  constructor(c: Context<HubEnv>, { config, db, log, now }: AppDeps) {
    this.c = c
    this.config = config
    this.hubLog = log
    this.now = now
    this.db = db
  }

  get ip() {
    return readClient(this.c, this.config.trustedProxies).ip
  }

  get userAgent() {
    return this.c.req.header('user-agent') ?? null
  }

  get log() {
    return (this.ownLog ??= this.hubLog.child({ requestId: this.requestId }))
  }

  get signal() {
    return this.c.req.raw.signal
  }
}

const streamPath = '/api/stream'

/** An open stream comes back by itself, with nobody there. */
function useOf(path: string): SessionUse {
  switch (path) {
    case streamPath:
      return 'background'
    case '/api/auth/refresh':
      return 'refresh'
    default:
      return 'person'
  }
}

/** Narrower limits of single routes, each by address: they cost more than a look-up, or could be guessed at. */
function limitOf(
  limits: Record<'setup' | 'tokens', RateLimiter>,
  method: string,
  path: string,
): RateLimiter | null {
  if (/^\/api\/auth\/(setup|link)(\/|$)/.test(path)) return limits.setup
  return method === 'POST' && path === '/api/auth/tokens' ? limits.tokens : null
}

/** The namespace that a path is within: it may be one that nothing is known of yet. */
function namespaceIn(path: string): { instance: string; namespace: string } | null {
  const [, instance, namespace] =
    /^\/api\/instances\/([a-z0-9-]{1,63})\/namespaces\/([a-z0-9-]{1,63})\//.exec(path) ?? []
  return instance !== undefined && namespace !== undefined ? { instance, namespace } : null
}

/** Writes down who was refused what. What cannot be written down is no less refused, but says what it is for. */
async function recordDenial(c: Context<HubEnv>, error: AppError): Promise<AppError> {
  const ctx = c.get('ctx')
  const { code, denial } = error
  // Of somebody who is known: what strangers are refused is for the log.
  if (denial === undefined && !(code === 'forbidden' && isCaller(ctx.actor))) return error
  try {
    await recordAudit(ctx, {
      action: 'access.denied',
      outcome: 'denied',
      target: { ...(denial ?? { method: c.req.method, path: c.req.path.slice(0, 500) }) },
      reason: code,
    })
    return error
  } catch (failure) {
    return asAppError(failure)
  }
}

function logRequest(c: Context<HubEnv>, log: Logger, durationMs: number): void {
  const { actor, requestId } = c.get('ctx')
  log.info(
    {
      requestId,
      method: c.req.method,
      path: c.req.path.slice(0, 500),
      status: c.res.status,
      durationMs: Math.round(durationMs * 10) / 10,
      ...(isCaller(actor) && { principal: actor.principal }),
    },
    'request',
  )
}
