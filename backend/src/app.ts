import { Hono, type MiddlewareHandler } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { createActivityList, createAgentCallList } from '#activity'
import { createFindNames, readAdministrators, type AccessDeps } from '#access'
import { reauthenticate } from '#accounts'
import type { Instances } from '#clusters'
import { isLoopbackHost, readVersion, type Config } from '#config'
import { isCaller, withActor, type Clock, type RequestContext } from '#context'
import { asDatabaseFault, type Database } from '#db'
import {
  createDeploymentChat,
  createDeploymentList,
  createDeploymentLogs,
  createDeploymentWaits,
  createFacetList,
  type AskRange,
  type MetricsWatch,
} from '#deployments'
import { AppError, asAppError } from '#errors'
import { answerUnknownCall, createGateway, gatewayPages, warnOfName } from '#gateway'
import { renewTokens } from '#group-sync'
import { createKeys } from '#operation'
import {
  createAskClusters,
  createFleetMap,
  type AskClusters,
  type Fleet,
  type FleetHistorian,
} from '#fleet'
import {
  allowEveryOrigin,
  allowOrigins,
  answerDocsFile,
  answerProblem,
  batchPages,
  bindPages,
  cliPages,
  createApiDocs,
  createBatch,
  createCliFiles,
  describeApi,
  docsFilePath,
  docsPages,
  HttpRequestContext,
  linkPages,
  listApi,
  localEntry,
  loginPages,
  logoutPages,
  logRequest,
  mountOperations,
  metricsPages,
  mountPages,
  portal,
  probes,
  recordDenial,
  signInPages,
  refuseRemote,
  sessionCookieName,
  standardHeaders,
  takeApiKey,
  type AnswerError,
  type ApiOf,
  type CliSource,
  type Declared,
  type HubEnv,
} from '#http'
import { createSignInLinks } from '#instances'
import { systemTiming } from '#kube'
import type { Logger } from '#log'
import { checkPlace, createChallenge, createMcp, mcpPages } from '#mcp'
import { createOwnTokens } from '#own-tokens'
import { createSealedText } from '#secrets'
import { createModelRules, createServedNames, type DirectRoutes } from '#serving'
import { createStreams } from '#stream'
import type { Telemetry } from '#telemetry'
import type { Usage } from '#usage'
import type { Auth } from './create-auth.ts'
import type { Governance } from './create-governance.ts'
import { createHubDoor } from './hub-door.ts'
import { createOperations, type HubOperation, type OperationDeps } from './operations.ts'

export type AppDeps = {
  config: Config
  db: Database
  auth: Auth
  instances: Instances
  fleet: Fleet
  history: FleetHistorian
  governance: Governance
  usage: Usage
  /** Null where nobody may read it. */
  telemetry: Telemetry | null
  metrics: MetricsWatch
  directRoutes: DirectRoutes
  askRange: AskRange
  now: Clock
  log: Logger
  /** Why the hub should be sent no requests, as a few words; null when it should. */
  notReady: () => string | null
  /** Tells of what may change who may what; returns the way out of it. */
  onAccessChange: Database['onChange']
  /** Aborts when streams should end, because the hub does. */
  ending: AbortSignal
  /** For providers of models outside. */
  fetch: typeof fetch
  /** The folder of the manifests that a credential's rights come from. */
  rbacDirectory: string
  /** The folder of the built portal. */
  portalDirectory: string
  /** Where kubectl's plugin is. */
  cli: CliSource
}

/** The whole HTTP surface of the hub. */
export function createApp(deps: AppDeps) {
  const { auth, config } = deps
  const askClusters = createAskClusters(deps)
  const gateway = createGateway({ ...deps, configured: auth.configured, meter: deps.usage.meter })
  const operationDeps = joinOperationDeps(deps, askClusters)
  const operations = createOperations(operationDeps)
  const docs = createApiDocs(() =>
    describeApi(listed, { sessionCookie: sessionCookieName(config) }),
  )
  const version = readVersion()
  const pages = [
    ...bindPages(probes, { ...deps, version }),
    ...bindPages(metricsPages, deps),
    ...bindPages(docsPages, { docs }),
    ...bindPages(batchPages, { batch: createBatch(operations, (...asked) => app.fetch(...asked)) }),
    ...bindPages(cliPages, { cli: createCliFiles(deps.cli), config }),
    ...bindPages(loginPages, auth),
    ...bindPages(logoutPages, auth),
    ...bindPages(signInPages, auth),
    ...bindPages(linkPages, auth),
    ...bindPages(gatewayPages, { gateway }),
    ...bindPages(mcpPages, {
      mcp: createMcp({
        operations,
        streams: operationDeps.streams,
        budgets: operationDeps.deployments.budgets,
        confirmations: operationDeps.deployments.confirmations,
        log: deps.log,
        version,
      }),
      config,
    }),
  ]
  const listed = listApi(operations, pages)
  const ownTokens = createOwnTokens({
    ...deps,
    profiles: deps.governance.profiles,
    sealedText: auth.sealedText,
    renewTokens: (identityId, signal) => renewTokens(deps, identityId, signal),
  })
  const door = createHubDoor({ ...deps, budgets: deps.governance.budgets }, askClusters, ownTokens)

  const app = new Hono<HubEnv>()
  app.use(standardHeaders({ https: config.production }))
  app.use(async (c, next) => {
    const ctx = new HttpRequestContext(c, deps)
    c.set('ctx', ctx)
    c.get('standardHeaders')['x-request-id'] = ctx.requestId
    const startedAt = performance.now()
    await next()
    const tookMs = performance.now() - startedAt
    const { method, path } = c.req
    deps.telemetry?.observeRequest({ method, path, status: c.res.status }, tookMs)
    if (deps.log.isLevelEnabled('info')) logRequest(c, deps.log, tookMs)
  })
  app.onError(async (thrown, c) => {
    const ctx = c.get('ctx')
    const error = await recordDenial(c, asAppError(asDatabaseFault(thrown)))
    if (error.code === 'internal') ctx.log.error({ error }, 'request failed')
    else if (error.code === 'unavailable') ctx.log.warn({ error }, 'request not served')
    else ctx.log.debug({ error }, 'request refused')
    return (c.get('answerError') ?? answerAsProblem)(c, error)
  })
  if (config.local !== null) app.use(refuseRemote({ isLoopbackHost }))
  for (const path of ['/api/*', '/v1/*', '/mcp/*']) app.use(path, allowOrigins(config.corsOrigins))
  app.use('/mcp/*', checkPlace(config), answersAs(createChallenge(config)))
  app.use('/.well-known/oauth-protected-resource/*', allowEveryOrigin)
  app.use('/v1/messages/*', takeApiKey())
  if (config.gateway.isOpen && auth.local) app.use('/v1/*', openTo(auth.local.secret))
  if (config.mcp.isOpen && auth.local) app.use('/mcp', openTo(auth.local.secret))
  const api = new Hono<HubEnv>()
  const keys = createKeys(createSealedText(config.encryptionSecrets, 'idempotency'))
  mountOperations(api, operations, door, keys, operationDeps.streams.position)
  mountPages(api, pages, door)
  api.on(['GET'], [docsFilePath], ...door({ ...unknown, isForAnyone: true }), (c) =>
    answerDocsFile(c, { docs }),
  )
  app.route('/', api)
  app.use('/api/*', ...door(unknown), refuseOtherMethods(api), answerUnknown)
  app.use('/mcp/*', answerUnderMcp)
  app.use('/mcp/*', ...door(otherMethod), refuseAtMcp)
  // Clients look there for what a server says of itself, and would take the portal's page for it.
  app.use('/.well-known/*', answerUnknown)
  app.use('/v1/*', answersAs(answerUnknownCall), ...door(unknownModel))
  app.use('/v1/*', refuseOtherMethods(api), answerUnknown)
  if (auth.local) app.get('/', localEntry(auth.local, config.listen))
  app.route('/', portal(deps.portalDirectory))
  return Object.assign(app, { listed })
}

/** What the portal's client is typed by. */
export type AppType = ApiOf<
  | HubOperation
  | (typeof batchPages)[number]
  | (typeof loginPages)[number]
  | (typeof logoutPages)[number]
>

/** What is asked of whoever asks for what is not there. */
const unknown: Declared = {
  id: 'none',
  tag: 'Hub',
  summary: '',
  policy: 'signed-in',
  effect: 'read',
  http: { method: 'get', path: '/api/*' },
}

/** Some agents begin with GET, and learn from its 401 where they get a token; with one it costs them nothing. */
const otherMethod: Declared = {
  ...unknown,
  policy: 'bearer',
  isForAgents: true,
  countsCalls: true,
}

const unknownModel: Declared = { ...unknown, policy: 'bearer', isForModels: true }

/** How what is thrown behind it is answered. */
function answersAs(answerError: AnswerError): MiddlewareHandler<HubEnv> {
  return (c, next) => {
    c.set('answerError', answerError)
    return next()
  }
}

/** In local mode, to every process of this machine. */
function openTo(secret: string): MiddlewareHandler<HubEnv> {
  return (c, next) => {
    c.set('otherBearer', secret)
    return next()
  }
}

const answerAsProblem: AnswerError = (c, error) => answerProblem(c, error, c.get('ctx').requestId)

const answerUnknown: MiddlewareHandler<HubEnv> = async (c) => {
  const detail = `There is no ${c.req.path.slice(0, 200)} in this API.`
  const answer = c.get('answerError') ?? answerAsProblem
  return answer(c, new AppError('not-found', { detail }))
}

const answerUnderMcp: MiddlewareHandler<HubEnv> = async (c, next) => {
  // Many write the address of such a server with a slash.
  if (c.req.path === '/mcp/') return c.redirect('/mcp', 308)
  return c.req.path === '/mcp' ? next() : answerUnknown(c, next)
}

const refuseAtMcp: MiddlewareHandler<HubEnv> = async (c) => {
  c.header('allow', 'POST')
  const detail = `/mcp takes POST, not ${c.req.method}: it is stateless and keeps no stream of its own.`
  return answerAsProblem(c, new AppError('method-not-allowed', { detail }))
}

/** Where there is something by another method, it says by which. */
function refuseOtherMethods(api: Hono<HubEnv>): MiddlewareHandler<HubEnv> {
  return methodNotAllowed({
    app: api,
    onMethodNotAllowed: (c, methods) => {
      c.header('allow', methods.join(', '))
      const detail = `${c.req.path.slice(0, 200)} takes ${methods.join(', ')}, not ${c.req.method}.`
      const answer = c.get('answerError') ?? answerAsProblem
      return answer(c, new AppError('method-not-allowed', { detail }))
    },
  })
}

/** Whoever reads something that goes on is looked at again and again. */
function joinRechecking({ auth, ending, onAccessChange }: AppDeps, askClusters: AskClusters) {
  return {
    async reauthenticate(ctx: RequestContext, at?: { instance: string; namespace: string }) {
      const fresh = isCaller(ctx.actor) ? await reauthenticate(ctx, auth, ctx.actor) : null
      return fresh && withActor(ctx, await askClusters(withActor(ctx, fresh), at ?? null))
    },
    onAccessChange,
    ending,
  }
}

/** What instances and the sign-in to their clusters are asked with. */
function joinInstanceDeps(deps: AppDeps): OperationDeps['instances'] {
  const { config, directRoutes, fetch, fleet, instances, now, rbacDirectory } = deps
  const { closures, profiles } = deps.governance
  const outside = { fetch, now, allowLoopback: config.credentials.allowLoopback }
  return {
    ...outside,
    instances,
    fleet,
    closures,
    profiles,
    rbacDirectory,
    modelWarnings: (id) => [
      ...directRoutes.warnings(id),
      ...warnOfName(deps.auth.configured.outsideProviders(), id),
    ],
    signInLinks: createSignInLinks(config.encryptionSecrets),
    trials: {
      ...outside,
      config,
      sealedTrials: createSealedText(config.session.secrets, 'sign-in-trial'),
    },
  }
}

function joinOperationDeps(deps: AppDeps, askClusters: AskClusters): OperationDeps {
  const { auth, config, fleet, instances } = deps
  const { budgets, closures, confirmations, history, policies, sealedHistory, templates } =
    deps.governance
  const { credentials, groupStaleSeconds, local } = config
  const findNames = createFindNames()
  const activityCursors = createSealedText(config.session.secrets, 'activity')
  const access: AccessDeps = {
    configured: auth.configured,
    groupStaleSeconds,
    rules: config,
    hasInstance: (id) =>
      instances.find(id) !== null ||
      auth.configured.outsideProviders().some((provider) => provider.id === id),
    isResting: (id) => instances.resting.has(id),
    isImpersonated: (id) => instances.personal.has(id),
    findNames,
  }
  const deploymentDeps = { instances, fleet, policies, history, confirmations, budgets }
  const rules = createModelRules({
    allowed: config.gateway.allowedModels,
    disallowed: config.gateway.disallowedModels,
  })
  const rechecking = joinRechecking(deps, askClusters)
  return {
    auth,
    access,
    people: {
      rules: config,
      readAdministrators: (read, now) => readAdministrators(read, access, now),
    },
    credentials: { instances, credentials, local },
    instances: joinInstanceDeps(deps),
    deployments: {
      ...deploymentDeps,
      closures,
      templates,
      sealedHistory,
      listDeployments: createDeploymentList({ instances, fleet }),
      listFacets: createFacetList({ instances, fleet }, findNames),
      logs: createDeploymentLogs({ ...deploymentDeps, ...rechecking }),
      rules,
      waits: createDeploymentWaits({ ...deploymentDeps, ...rechecking }),
      metrics: deps.metrics,
      directRoutes: deps.directRoutes,
      askRange: deps.askRange,
      chat: createDeploymentChat({
        instances,
        directRoutes: deps.directRoutes,
        fleet,
        names: createServedNames(deps),
        rules,
        meter: deps.usage.meter,
        timing: systemTiming,
        ...rechecking,
      }),
      now: deps.now,
    },
    fleet: {
      getFleetHistory: deps.history.get,
      getFleetMap: createFleetMap({ instances, fleet }),
      listActivity: createActivityList({
        fleet,
        findNames,
        cursors: activityCursors,
      }),
      listAgentCalls: createAgentCallList(activityCursors),
    },
    audit: { findNames },
    usage: { findNames, configured: auth.configured },
    streams: createStreams({ instances, fleet, closures, ...rechecking }),
  }
}
