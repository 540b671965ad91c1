import type { ServiceBackends } from '../model-server/answer-as-model.ts'
import type { IncomingMessage } from 'node:http'
import {
  createCertificateAuthority,
  issueClientCertificate,
  issueServerCertificate,
} from '../certificates.ts'
import { createKubeClient } from '../client.ts'
import {
  hubNamespace,
  hubServiceAccount,
  powerlessServiceAccount,
  renderKubeconfig,
} from '../cluster.ts'
import type { Cluster, ClusterCredential } from '../cluster.ts'
import { presentGroup } from '../crd-group.ts'
import type { CrdGroup } from '../crd-group.ts'
import { readClusterManifests } from '../manifests.ts'
import { registerWebhooks, startWebhookServer } from '../model-deployment/webhook-server.ts'
import type { WebhookServer } from '../model-deployment/webhook-server.ts'
import { createAdmission } from './admission.ts'
import { createAuthenticator } from './authentication.ts'
import type { OidcTrust } from './oidc-authenticator.ts'
import { createAuthorizer } from './authorization.ts'
import { bootstrap } from './bootstrap.ts'
import { createInternally } from './create.ts'
import { createFaultyHandler } from './faults.ts'
import type { Fault } from './faults.ts'
import { startGarbageCollector } from './garbage-collector.ts'
import { createRequestHandler, respondToError } from './handle-request.ts'
import { createImpersonation } from './impersonation.ts'
import { startListener } from './listener.ts'
import type { ConnectionMode } from './listener.ts'
import { createPodLogs, type PodLogs } from './pod-logs.ts'
import { createRegistry } from './registry.ts'
import type { ServerContext } from './request-context.ts'
import { createServiceAccountTokens } from './service-account-tokens.ts'
import { createStorage } from './storage.ts'
import type { Storage } from './storage.ts'
import { createWebhookClient } from './webhook-client.ts'

export type ApiServerOptions = {
  /** Name of the cluster and context in kubeconfigs. */
  name?: string
  port?: number
  /** The old group brings the old, flat InferenceProviderConfig. Default: airunway.ai. */
  crdGroup?: CrdGroup
  /** Whether ModelDeployments are defaulted and validated by AI Runway's webhooks. Default: true. */
  webhooks?: boolean
  /** How many changes per resource a watch can catch up on; older versions are expired. */
  historyLimit?: number
  bookmarkIntervalMs?: number
  /** Whether others ask the models meanwhile, as their metrics show. Default: false. */
  traffic?: boolean
  /** Whose tokens are people's here. Default: nobody's. */
  oidc?: OidcTrust
  /** Hears of every request as it arrived, before anything is made of it. */
  onRequest?: (request: IncomingMessage) => void
}

export type ApiServer = Cluster & {
  readonly kind: 'demo'
  readonly storage: Storage
  /** One fault at a time, until another or null is set. */
  readonly faults: { set(fault: Fault | null): Promise<void> }
  /** What pods write, where it is not what a model server would. */
  readonly logs: Pick<PodLogs, 'write'>
  /** What answers behind Services; without, what their pods would serve. */
  readonly models: ServiceBackends
  /** How many watches are open. */
  openWatches(): number
  /** Refuses connections until `resume`: what clients see while an API server restarts. */
  pause(): Promise<void>
  resume(): Promise<void>
}

const tokenSeconds = 365 * 24 * 60 * 60

/** Starts a Kubernetes API that keeps everything in memory, on a free loopback port over TLS. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const { name = 'demo', crdGroup = presentGroup } = options
  const authority = await createCertificateAuthority('kubernetes')
  const serving = await issueServerCertificate(authority, { commonName: 'kube-apiserver' })
  const tokenKey = await createCertificateAuthority('service-account')

  const webhookClient = createWebhookClient()
  const context = createContext(options, tokenKey.privateKey, webhookClient)
  const { authorizer, registry, storage, tokens } = context
  await fill(context, crdGroup)
  const stopGarbageCollector = startGarbageCollector(storage, registry)

  const handler = createFaultyHandler(
    createRequestHandler({
      context,
      authenticate: createAuthenticator(storage, tokens, options.oidc ?? null),
      impersonate: createImpersonation(authorizer),
    }),
    respondToError,
  )
  const listener = await startListener({
    serving,
    authority,
    port: options.port ?? 0,
    handle: (request, response) => {
      options.onRequest?.(request)
      handler.handle(request, response)
    },
  })
  const setFault = async (fault: Fault | null) => {
    handler.set(fault)
    await listener.setMode(toConnectionMode(fault))
  }
  const url = `https://127.0.0.1:${listener.port}`

  const toKubeconfig = (user: string, credential: ClusterCredential) =>
    renderKubeconfig({ name, user, url, caCertificate: authority.certificate, credential })
  const kubeconfigFor: Cluster['kubeconfigFor'] = async (user) =>
    toKubeconfig(user.user, { clientCertificate: await issueClientCertificate(authority, user) })
  const kubeconfigOfServiceAccount = (account: string) => {
    const { object } = storage.find('serviceaccounts', hubNamespace, account)!
    return toKubeconfig(account, { token: tokens.issue(object, tokenSeconds).token })
  }
  const kubeconfigs = {
    'client-certificate': await kubeconfigFor({ user: 'admin', groups: ['system:masters'] }),
    'service-account-token': kubeconfigOfServiceAccount(hubServiceAccount),
    'service-account-token-without-rights': kubeconfigOfServiceAccount(powerlessServiceAccount),
  }
  let webhooks: WebhookServer | undefined
  const stop = async () => {
    stopGarbageCollector()
    await listener.close()
    await webhookClient.close()
    await webhooks?.stop()
  }
  if (options.webhooks !== false) {
    try {
      webhooks = await startWebhooks(kubeconfigs['client-certificate'], crdGroup)
    } catch (error) {
      await stop()
      throw error
    }
  }
  return {
    kind: 'demo',
    crdGroup,
    url,
    caCertificate: authority.certificate,
    kubeconfig: (authentication) => kubeconfigs[authentication],
    kubeconfigFor,
    storage,
    faults: { set: setFault },
    logs: context.podLogs,
    models: context.serviceBackends,
    openWatches: handler.openWatches,
    pause: () => setFault({ kind: 'refuse' }),
    resume: () => setFault(null),
    stop,
  }
}

function createContext(
  options: ApiServerOptions,
  tokenKey: string,
  webhookClient: ReturnType<typeof createWebhookClient>,
): ServerContext {
  const storage = createStorage(
    options.historyLimit === undefined ? {} : { historyLimit: options.historyLimit },
  )
  const registry = createRegistry(storage)
  const tokens = createServiceAccountTokens(tokenKey)
  const authorizer = createAuthorizer(storage)
  return {
    storage,
    registry,
    tokens,
    authorizer,
    admission: createAdmission(storage, webhookClient.call),
    bookmarkIntervalMs: options.bookmarkIntervalMs ?? 60_000,
    podLogs: createPodLogs(),
    serviceBackends: new Map(),
    hasTraffic: options.traffic ?? false,
  }
}

async function fill(context: ServerContext, crdGroup: CrdGroup): Promise<void> {
  bootstrap(context)
  for (const object of await readClusterManifests(crdGroup)) {
    const resource = context.registry.findByKind(object.apiVersion!, object.kind!)!
    createInternally(context, resource, object)
  }
}

async function startWebhooks(kubeconfig: string, crdGroup: CrdGroup): Promise<WebhookServer> {
  const client = createKubeClient(kubeconfig)
  try {
    const webhooks = await startWebhookServer({ kubeconfig, crdGroup })
    await registerWebhooks(client, crdGroup, webhooks).catch(async (error: unknown) => {
      await webhooks.stop()
      throw error
    })
    return webhooks
  } finally {
    await client.close()
  }
}

function toConnectionMode(fault: Fault | null): ConnectionMode {
  switch (fault?.kind) {
    case 'refuse':
      return 'refuse'
    case 'black-hole':
      return 'ignore'
    case 'tls-stall':
      return 'stall'
    default:
      return 'serve'
  }
}
