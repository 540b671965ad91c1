import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createCertificateAuthority, issueServerCertificate } from './certificates.ts'
import { createKubeClient } from './client.ts'
import type { KubeClient } from './client.ts'
import { hubNamespace, hubServiceAccount, powerlessServiceAccount } from './cluster.ts'
import { presentGroup } from './crd-group.ts'
import type { CrdGroup } from './crd-group.ts'
import { demoNodes, toNode } from './controller/nodes.ts'
import type { NodeSpec } from './controller/nodes.ts'
import { applyManifests, readClusterManifests } from './manifests.ts'
import { servePods, type PodServer } from './model-server/serve-pods.ts'
import { registerWebhooks, startWebhookServer } from './model-deployment/webhook-server.ts'
import type { Untyped } from './objects.ts'
import { kubeconfigFor, kubeconfigOf, openControlPlane } from './open-control-plane.ts'
import type { ControlPlaneHandle, OpenControlPlane } from './open-control-plane.ts'
import { createPrograms } from './program.ts'
import type { Program } from './program.ts'

export type ControlPlaneOptions = {
  /** The folder with `etcd` and `kube-apiserver`: the value of KUBEBUILDER_ASSETS. */
  assets: string
  /** Name of the cluster and context in kubeconfigs. */
  name?: string
  /** The old group brings the old, flat InferenceProviderConfig. Default: airunway.ai. */
  crdGroup?: CrdGroup
  /** Runs kube-scheduler: pods are placed, or say why not. */
  scheduler?: boolean
  /** Runs kube-controller-manager: taints, garbage, namespaces and workloads are looked after. */
  controllers?: boolean
  /** Runs kwok: nodes are Ready and pods run, without machines. */
  kwok?: boolean
  /** The nodes that kwok plays. Default: those of demo-east. */
  nodes?: readonly NodeSpec[]
  /** Has ModelDeployments defaulted and validated by AI Runway's webhooks. */
  webhooks?: boolean
  /** Has the API server write down who asked for what; `auditEvents` reads it. */
  audit?: boolean
  /** Pods answer as the models that they would serve: behind Services, by the API server's proxy. */
  models?: boolean
  /** Others ask the models too. */
  traffic?: boolean
  /** Further kube-apiserver flags. */
  apiServerFlags?: readonly string[]
  startTimeoutMs?: number
}

export type ControlPlane = OpenControlPlane & {
  readonly handle: ControlPlaneHandle
  /** What has ended of it, with its last words; null while all of it runs. */
  failure(): string | null
  /** By `<namespace>/<pod>`, the models that somebody asked, where `models` is on. */
  models: PodServer['models']
  /**
   * Ends the API server and starts it again on the same port, with other `apiServerFlags` where they are given; resolves
   * when it runs, before it is ready.
   */
  restart(changes?: Pick<ControlPlaneOptions, 'apiServerFlags'>): Promise<void>
}

const tokenSeconds = 24 * 60 * 60

/** Starts a real etcd and kube-apiserver on free loopback ports; leaves nothing behind. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { name = 'real', crdGroup = presentGroup } = options
  const deadline = Date.now() + (options.startTimeoutMs ?? 120_000)
  for (const program of neededPrograms(options)) {
    await access(join(options.assets, program)).catch(() => {
      throw new Error(`KUBEBUILDER_ASSETS has no ${program}: ${options.assets}`)
    })
  }

  const undo: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step()
  }
  try {
    const programs = createPrograms()
    undo.push(async () => programs.release())
    const folder = await mkdtemp(join(tmpdir(), 'hub-control-plane-'))
    undo.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))

    const authority = await createCertificateAuthority('kubernetes')
    const serving = await issueServerCertificate(authority, {
      commonName: 'kube-apiserver',
      dnsNames: ['kubernetes.default.svc'],
    })
    // The key pair of ServiceAccount tokens: kube-apiserver reads the public half from a certificate.
    const serviceAccountKeys = await createCertificateAuthority('service-account')
    const write = async (file: string, text: string) => {
      await writeFile(join(folder, file), text, { mode: 0o600 })
      return join(folder, file)
    }
    const files = {
      authority: await write('ca.crt', authority.certificate),
      servingCertificate: await write('apiserver.crt', serving.certificate),
      servingKey: await write('apiserver.key', serving.privateKey),
      serviceAccountCertificate: await write('sa.crt', serviceAccountKeys.certificate),
      serviceAccountKey: await write('sa.key', serviceAccountKeys.privateKey),
    }
    const auditPath = join(folder, 'audit.log')
    const auditFlags = options.audit
      ? [
          `--audit-policy-file=${await write('audit-policy.json', JSON.stringify(auditPolicy))}`,
          `--audit-log-path=${auditPath}`,
          // An answer is sent when its line is written.
          '--audit-log-mode=blocking',
        ]
      : []
    const egressSocket = join(folder, 'egress.sock')
    const egressFlags = options.models
      ? [
          `--egress-selector-config-file=${await write('egress.json', JSON.stringify(egressTo(egressSocket)))}`,
        ]
      : []
    const [etcdPort, etcdPeerPort, apiServerPort] = await findFreePorts(3)
    const etcdUrl = `http://127.0.0.1:${etcdPort}`

    const etcd = programs.start(join(options.assets, 'etcd'), [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=http://127.0.0.1:${etcdPeerPort}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ])
    undo.push(etcd.stop)

    const apiServerFlags = [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${apiServerPort}`,
      `--cert-dir=${folder}`,
      `--tls-cert-file=${files.servingCertificate}`,
      `--tls-private-key-file=${files.servingKey}`,
      `--client-ca-file=${files.authority}`,
      `--service-account-key-file=${files.serviceAccountCertificate}`,
      `--service-account-signing-key-file=${files.serviceAccountKey}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--authorization-mode=RBAC',
      '--disable-admission-plugins=ServiceAccount',
      '--allow-privileged=true',
      ...auditFlags,
      ...egressFlags,
    ]
    const url = `https://127.0.0.1:${apiServerPort}`
    const place = { name, url, authority }
    const adminKubeconfig = await kubeconfigFor(place, {
      user: 'admin',
      groups: ['system:masters'],
    })
    const withToken = async (user: string) =>
      kubeconfigOf(place, user, { token: await requestToken(client, user) })
    const client = createKubeClient(adminKubeconfig)
    undo.push(client.close)
    let models: PodServer['models'] = new Map()
    if (options.models) {
      const pods = await servePods(client, {
        socketPath: egressSocket,
        traffic: options.traffic ?? false,
      })
      undo.push(pods.stop)
      models = pods.models
    }

    let { apiServerFlags: furtherFlags = [] } = options
    const startApiServer = () =>
      programs.start(join(options.assets, 'kube-apiserver'), [...apiServerFlags, ...furtherFlags])
    let apiServer = startApiServer()
    undo.push(() => apiServer.stop())

    await waitUntilReady(client, [etcd, apiServer], deadline)

    await applyManifests(client, await readClusterManifests(crdGroup))
    const kubeconfigs = {
      'client-certificate': adminKubeconfig,
      'service-account-token': await withToken(hubServiceAccount),
      'service-account-token-without-rights': await withToken(powerlessServiceAccount),
    }
    if (options.webhooks) {
      const webhooks = await startWebhookServer({ kubeconfig: adminKubeconfig, crdGroup })
      undo.push(webhooks.stop)
      await registerWebhooks(client, crdGroup, webhooks)
    }
    const others: Program[] = []
    const adminKubeconfigPath = await write('admin.kubeconfig', adminKubeconfig)
    const run = (program: string, ...flags: string[]) => {
      const started = programs.start(join(options.assets, program), [
        `--kubeconfig=${adminKubeconfigPath}`,
        ...flags,
      ])
      others.push(started)
      undo.push(started.stop)
    }
    const isAlone = ['--leader-elect=false', '--secure-port=0']
    if (options.scheduler) run('kube-scheduler', ...isAlone)
    if (options.controllers) {
      run(
        'kube-controller-manager',
        ...isAlone,
        `--service-account-private-key-file=${files.serviceAccountKey}`,
        `--root-ca-file=${files.authority}`,
      )
    }
    if (options.kwok) {
      run(
        'kwok',
        `--config=${join(options.assets, 'kwok-stages.yaml')}`,
        '--manage-all-nodes',
        // Without leases the nodes would be taken for dead after 50 seconds.
        '--node-lease-duration-seconds=40',
        '--cidr=10.244.0.0/16',
      )
      const nodes = options.nodes ?? demoNodes
      for (const node of nodes) {
        await client.request('POST', '/api/v1/nodes', { body: toNode(node) })
      }
      await waitForNodes(client, others, options.controllers === true, deadline)
    }
    const handle: ControlPlaneHandle = {
      ...place,
      crdGroup,
      kubeconfigs,
      etcdUrl,
      apiServerPid: apiServer.pid!,
      auditPath: options.audit ? auditPath : null,
    }
    return {
      ...openControlPlane(handle),
      handle,
      failure: () => [etcd, apiServer].find((each) => each.ended())?.describe() ?? null,
      models,
      freeze: () => apiServer.freeze(),
      thaw: () => apiServer.thaw(),
      restart: async (changes) => {
        furtherFlags = changes?.apiServerFlags ?? furtherFlags
        await apiServer.stop()
        apiServer = startApiServer()
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What the API server connects to within its cluster (KEP-1281); over TCP its proxy would have to speak TLS. */
function egressTo(socketPath: string): object {
  const transport = { uds: { udsName: socketPath } }
  return {
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [
      { name: 'cluster', connection: { proxyProtocol: 'HTTPConnect', transport } },
    ],
  }
}

const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
}

/** Ready as kwok says and, where controllers lift it, without the taint of new nodes. */
async function waitForNodes(
  client: KubeClient,
  programs: readonly Program[],
  isUntainted: boolean,
  deadline: number,
): Promise<void> {
  for (;;) {
    const ended = programs.find((program) => program.ended())
    if (ended) throw new Error(ended.describe())
    const { items } = await client.request('GET', '/api/v1/nodes')
    const isUsable = ({ spec, status }: Untyped) =>
      status.conditions?.some((each: Untyped) => each.type === 'Ready' && each.status === 'True') &&
      !(
        isUntainted &&
        spec.taints?.some((taint: Untyped) => taint.key === 'node.kubernetes.io/not-ready')
      )
    if (items.every(isUsable)) return
    if (Date.now() > deadline) {
      throw new Error(
        `The nodes are not Ready. ${programs.map((each) => each.describe()).join(' ')}`,
      )
    }
    await delay(100)
  }
}

function neededPrograms({ controllers, kwok, scheduler }: ControlPlaneOptions): string[] {
  return [
    'etcd',
    'kube-apiserver',
    ...(scheduler ? ['kube-scheduler'] : []),
    ...(controllers ? ['kube-controller-manager'] : []),
    ...(kwok ? ['kwok', 'kwok-stages.yaml'] : []),
  ]
}

async function requestToken(client: KubeClient, serviceAccount: string): Promise<string> {
  const { status } = await client.request(
    'POST',
    `/api/v1/namespaces/${hubNamespace}/serviceaccounts/${serviceAccount}/token`,
    { body: { spec: { expirationSeconds: tokenSeconds } } },
  )
  return status.token
}

async function waitUntilReady(
  client: KubeClient,
  programs: readonly Program[],
  deadline: number,
): Promise<void> {
  for (;;) {
    const ended = programs.find((program) => program.ended())
    if (ended) throw new Error(ended.describe())
    const ready = await client.raw('GET', '/readyz').catch(() => undefined)
    // The bootstrap roles and namespaces appear shortly before or after /readyz says ok.
    if (ready?.status === 200) {
      const namespace = await client.raw('GET', '/api/v1/namespaces/default')
      if (namespace.status === 200) return
    }
    if (Date.now() > deadline) {
      throw new Error(
        `The control plane is not ready. ${programs.map((each) => each.describe()).join(' ')}`,
      )
    }
    await delay(50)
  }
}

async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer()
          server.once('error', reject).listen(0, '127.0.0.1', () => resolve(server))
        }),
    ),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
