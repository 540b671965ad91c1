import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import {
  createCertificateAuthority,
  issueClientCertificate,
  issueServerCertificate,
} from '../certificates.ts'
import type { KeyPair } from '../certificates.ts'
import {
  hubNamespace,
  hubServiceAccount,
  powerlessServiceAccount,
  renderKubeconfig,
} from '../cluster.ts'
import type { Cluster, ClusterCredential } from '../cluster.ts'
import { crdPaths, hubAccessPath, readManifests } from '../manifests.ts'
import { modelDeploymentWebhook } from '../model-deployment/webhook.ts'
import type { KubeObject } from '../objects.ts'
import { createAdmission } from './admission.ts'
import type { AdmissionWebhook } from './admission.ts'
import { createAuthenticator } from './authentication.ts'
import { createAuthorizer } from './authorization.ts'
import { bootstrap } from './bootstrap.ts'
import { createInternally } from './create.ts'
import { startGarbageCollector } from './garbage-collector.ts'
import { createRequestHandler } from './handle-request.ts'
import { createImpersonation } from './impersonation.ts'
import { createRegistry } from './registry.ts'
import type { ServerContext } from './request-context.ts'
import { createServiceAccountTokens } from './service-account-tokens.ts'
import { createStorage } from './storage.ts'
import type { Storage } from './storage.ts'

export type ApiServerOptions = {
  /** Name of the cluster and context in kubeconfigs. */
  name?: string
  port?: number
  /** Default: those of ModelDeployments. */
  webhooks?: readonly AdmissionWebhook[]
  /** How many changes per resource a watch can catch up on; older versions are expired. */
  historyLimit?: number
  bookmarkIntervalMs?: number
}

export type ApiServer = Cluster & {
  readonly kind: 'demo'
  readonly storage: Storage
  /** Refuses connections until `resume`: what clients see while an API server restarts. */
  pause(): Promise<void>
  resume(): Promise<void>
}

const tokenSeconds = 365 * 24 * 60 * 60

/** Starts a Kubernetes API that keeps everything in memory, on a free loopback port over TLS. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const name = options.name ?? 'demo'
  const authority = await createCertificateAuthority('kubernetes')
  const serving = await issueServerCertificate(authority, { commonName: 'kube-apiserver' })
  const tokenKey = await createCertificateAuthority('service-account')

  const storage = createStorage(
    options.historyLimit === undefined ? {} : { historyLimit: options.historyLimit },
  )
  const registry = createRegistry(storage)
  const tokens = createServiceAccountTokens(tokenKey.privateKey)
  const authorizer = createAuthorizer(storage)
  const context: ServerContext = {
    storage,
    registry,
    tokens,
    authorizer,
    admission: createAdmission(storage, options.webhooks ?? [modelDeploymentWebhook]),
    bookmarkIntervalMs: options.bookmarkIntervalMs ?? 60_000,
  }
  bootstrap(context)
  await createManifests(context)
  const stopGarbageCollector = startGarbageCollector(storage, registry)

  const handle = createRequestHandler({
    context,
    authenticate: createAuthenticator(storage, tokens),
    impersonate: createImpersonation(authorizer),
  })
  const listen = (port: number) => listenWithTls(serving, authority, port, handle)
  let server = await listen(options.port ?? 0)
  const { port } = server.address() as AddressInfo
  const url = `https://127.0.0.1:${port}`

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
  return {
    kind: 'demo',
    url,
    caCertificate: authority.certificate,
    kubeconfig: (authentication) => kubeconfigs[authentication],
    kubeconfigFor,
    storage,
    pause: () => close(server),
    resume: async () => {
      server = await listen(port)
    },
    stop: async () => {
      stopGarbageCollector()
      await close(server)
    },
  }
}

async function createManifests(context: ServerContext): Promise<void> {
  const powerless: KubeObject = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: powerlessServiceAccount, namespace: hubNamespace },
  }
  const files = await Promise.all([...crdPaths, hubAccessPath].map(readManifests))
  for (const object of [...files.flat(), powerless]) {
    createInternally(
      context,
      context.registry.findByKind(object.apiVersion!, object.kind!)!,
      object,
    )
  }
}

function listenWithTls(
  serving: KeyPair,
  authority: KeyPair,
  port: number,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(
    {
      cert: serving.certificate,
      key: serving.privateKey,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: false, // a wrong certificate is answered with 401, as Kubernetes does
      ALPNProtocols: ['http/1.1'],
      keepAliveTimeout: 90_000,
    },
    handle,
  )
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject)
      resolve(server)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
