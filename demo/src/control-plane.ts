import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  createCertificateAuthority,
  issueClientCertificate,
  issueServerCertificate,
} from './certificates.ts'
import { createKubeClient } from './client.ts'
import type { KubeClient } from './client.ts'
import {
  hubNamespace,
  hubServiceAccount,
  powerlessServiceAccount,
  renderKubeconfig,
} from './cluster.ts'
import type { Cluster, ClusterCredential } from './cluster.ts'
import { presentGroup } from './crd-group.ts'
import type { CrdGroup } from './crd-group.ts'
import { applyManifests, readClusterManifests } from './manifests.ts'

export type ControlPlaneOptions = {
  /** The folder with `etcd` and `kube-apiserver`: the value of KUBEBUILDER_ASSETS. */
  assets: string
  /** Name of the cluster and context in kubeconfigs. */
  name?: string
  /** The old group brings the old, flat InferenceProviderConfig. Default: airunway.ai. */
  crdGroup?: CrdGroup
  /** Further kube-apiserver flags. */
  apiServerFlags?: readonly string[]
  startTimeoutMs?: number
}

const tokenSeconds = 24 * 60 * 60

/** Starts a real etcd and kube-apiserver on free loopback ports; leaves nothing behind. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<Cluster> {
  const { name = 'real', crdGroup = presentGroup } = options
  const deadline = Date.now() + (options.startTimeoutMs ?? 60_000)
  for (const program of ['etcd', 'kube-apiserver']) {
    await access(join(options.assets, program)).catch(() => {
      throw new Error(`KUBEBUILDER_ASSETS has no ${program}: ${options.assets}`)
    })
  }

  const undo: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step()
  }
  try {
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
    const [etcdPort, etcdPeerPort, apiServerPort] = await findFreePorts(3)

    const etcd = startProgram(join(options.assets, 'etcd'), [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
      `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
      `--listen-peer-urls=http://127.0.0.1:${etcdPeerPort}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ])
    undo.push(etcd.stop)

    const apiServer = startProgram(join(options.assets, 'kube-apiserver'), [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
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
      ...(options.apiServerFlags ?? []),
    ])
    undo.push(apiServer.stop)

    const url = `https://127.0.0.1:${apiServerPort}`
    const toKubeconfig = (user: string, credential: ClusterCredential) =>
      renderKubeconfig({ name, user, url, caCertificate: authority.certificate, credential })
    const kubeconfigFor: Cluster['kubeconfigFor'] = async (user) =>
      toKubeconfig(user.user, { clientCertificate: await issueClientCertificate(authority, user) })

    const adminKubeconfig = await kubeconfigFor({ user: 'admin', groups: ['system:masters'] })
    const client = createKubeClient(adminKubeconfig)
    undo.push(client.close)
    await waitUntilReady(client, [etcd, apiServer], deadline)

    await applyManifests(client, await readClusterManifests(crdGroup))
    const kubeconfigs = {
      'client-certificate': adminKubeconfig,
      'service-account-token': toKubeconfig(hubServiceAccount, {
        token: await requestToken(client, hubServiceAccount),
      }),
      'service-account-token-without-rights': toKubeconfig(powerlessServiceAccount, {
        token: await requestToken(client, powerlessServiceAccount),
      }),
    }
    return {
      kind: 'real',
      crdGroup,
      url,
      caCertificate: authority.certificate,
      kubeconfig: (authentication) => kubeconfigs[authentication],
      kubeconfigFor,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
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

type Program = { ended(): boolean; describe(): string; stop(): Promise<void> }

function startProgram(command: string, flags: readonly string[]): Program {
  const child: ChildProcess = spawn(command, flags, { stdio: ['ignore', 'ignore', 'pipe'] })
  let lastOutput = ''
  let failure: string | undefined
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    lastOutput = (lastOutput + text).slice(-2000)
  })
  const closed = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      failure = error.message
      resolve()
    })
    child.once('close', () => {
      failure ??= `ended with ${child.exitCode ?? child.signalCode}`
      resolve()
    })
  })
  // A parent that ends without stopping its children must not leave them behind.
  const killOnExit = () => child.kill('SIGKILL')
  process.once('exit', killOnExit)
  return {
    ended: () => failure !== undefined,
    describe: () =>
      `${command} ${failure ?? 'runs'}: ${lastOutput.trim().split('\n').slice(-5).join('\n')}`,
    stop: async () => {
      if (failure === undefined) {
        child.kill('SIGTERM')
        const timer = setTimeout(killOnExit, 5_000)
        await closed
        clearTimeout(timer)
      }
      process.removeListener('exit', killOnExit)
    },
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
