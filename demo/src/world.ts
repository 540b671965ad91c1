import { randomBytes } from 'node:crypto'
import { startApiServer } from './api-server/server.ts'
import { createCertificateAuthority } from './certificates.ts'
import { createKubeClient } from './client.ts'
import { hubServiceAccount, renderKubeconfig } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { startControlPlane } from './control-plane.ts'
import { startController } from './controller/controller.ts'
import type { ControllerOptions } from './controller/controller.ts'
import { demoTimeline, fastTimeline } from './controller/timeline.ts'
import { generateDeployments } from './generated-deployments.ts'
import { startIdentityProvider } from './identity-provider/identity-provider.ts'
import { demoPrograms } from './programs.ts'
import { loadCluster } from './load-cluster.ts'
import { applyManifests, readManifests, runtimeCrdsPath } from './manifests.ts'
import { seedCluster } from './seed-cluster.ts'
import { worldClusters } from './world-clusters.ts'
import type { WorldCluster, WorldDeployment } from './world-clusters.ts'

export type WorldOptions = {
  hubPort: number
  /** KUBEBUILDER_ASSETS where the clusters are to be real; null for the demo's own API servers. */
  assets: string | null
  /** How many deployments to generate besides the seeded ones. */
  deployments: number
  /** GPUs on nodes of their own besides the seeded ones; with some, or very many deployments, all come up at once. */
  gpus: number
  log: (message: string) => void
}

export type World = {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** By instance name, the credentials that the hub is given. */
  readonly kubeconfigs: ReadonlyMap<string, string>
  stop(): Promise<void>
}

/** Of kubectl's sign-in to the clusters themselves: it has no secret. */
const kubernetesClientId = 'kubernetes'
/** Vite's development server forwards /api to the hub, and people sign in through it too. */
const developmentPort = 5173
/** For how long nothing at all may happen in a cluster before the demo gives up. */
const stillMsMax = { demo: 60_000, real: 120_000 }
/** More generated deployments than these are not created one by one. */
export const createdMax = 2_000
const lostInstance = 'demo-lost'
/** Nobody may listen on the first port unasked: connections are refused. */
const lostUrl = 'https://127.0.0.1:1'

/** The identity provider and the clusters with their controllers and deployments. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const clientId = 'kubeairunway-hub'
  const clientSecret = randomBytes(24).toString('base64url')
  const origins = [options.hubPort, developmentPort].flatMap((port) => [
    `http://127.0.0.1:${port}`,
    `http://localhost:${port}`,
  ])
  const undo: (() => Promise<void>)[] = []
  const stop = async () => {
    // Clusters end side by side; each ends its own parts in order.
    await Promise.all(undo.splice(0).map((step) => step()))
  }
  try {
    const identityProvider = await startIdentityProvider({
      clients: [
        {
          clientId,
          clientSecret,
          name: 'KubeAIRunway Hub',
          redirectUris: origins.map((origin) => `${origin}/api/auth/callback/oidc`),
          postLogoutRedirectUris: origins.map((origin) => `${origin}/login`),
          backchannelLogoutUri: `http://127.0.0.1:${options.hubPort}/api/auth/backchannel-logout/oidc`,
        },
        {
          clientId: kubernetesClientId,
          name: 'the clusters of the demo',
          redirectUris: [
            'http://localhost:8000',
            'http://localhost:18000',
            ...origins.map((origin) => `${origin}/cluster-sign-in`),
          ],
        },
      ],
      programs: demoPrograms,
    })
    undo.push(identityProvider.stop)
    options.log(`identity provider ${identityProvider.issuer}`)

    const names = worldClusters.map(({ name }) => name)
    const generated = generateDeployments(options.deployments, names, options.gpus)
    const started = await Promise.allSettled(
      worldClusters.map(async (spec) => {
        const running = await startCluster(spec, generated.get(spec.name)!, options)
        undo.push(running.stop)
        options.log(`cluster ${spec.name} ${running.cluster.url}`)
        return [spec.name, running.cluster.kubeconfig('service-account-token')] as const
      }),
    )
    const failed = started.find((each) => each.status === 'rejected')
    if (failed) throw failed.reason
    const kubeconfigs = new Map(
      started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
    )
    kubeconfigs.set(lostInstance, await renderLostKubeconfig())
    return { issuer: identityProvider.issuer, clientId, clientSecret, kubeconfigs, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** One cluster with its deployments running before anybody looks; the generated ones come up later. */
async function startCluster(
  spec: WorldCluster,
  generated: readonly WorldDeployment[],
  { assets, deployments: asked, gpus, log }: WorldOptions,
): Promise<{ cluster: Cluster; stop(): Promise<void> }> {
  const { name, crdGroup, deployments, nodes, providers } = spec
  const server = assets === null ? await startApiServer({ name, crdGroup, traffic: true }) : null
  const cluster: Cluster =
    server !== null
      ? server
      : await startControlPlane({
          assets: assets!,
          name,
          crdGroup,
          nodes,
          scheduler: true,
          controllers: true,
          kwok: true,
          webhooks: true,
          models: true,
          traffic: true,
        })
  const start = (options: Partial<ControllerOptions>) =>
    startController({
      kubeconfig: cluster.kubeconfig('client-certificate'),
      crdGroup,
      nodes,
      ...(providers && { providers }),
      playsNodes: cluster.kind === 'demo',
      makesObjects: cluster.kind === 'demo',
      ...options,
    })
  try {
    if (server !== null) await applyRuntimeKinds(cluster)
    const hasty = start({ timeline: fastTimeline })
    await seedCluster(cluster, deployments, stillMsMax[cluster.kind]).finally(hasty.stop)
    const isLoaded = server !== null && (gpus > 0 || asked > createdMax)
    if (isLoaded) {
      loadCluster(server, spec, { deployments: generated, gpus: gpus / worldClusters.length })
    }
    const controller = start({
      timeline: demoTimeline,
      log: (message) => log(`${name}: ${message}`),
    })
    await seedCluster(cluster, isLoaded ? [] : generated, null).catch(async (error: unknown) => {
      await controller.stop()
      throw error
    })
    return {
      cluster,
      stop: async () => {
        await controller.stop()
        await cluster.stop()
      },
    }
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

async function applyRuntimeKinds(cluster: Cluster): Promise<void> {
  const client = createKubeClient(cluster.kubeconfig('client-certificate'))
  await applyManifests(client, await readManifests(runtimeCrdsPath)).finally(client.close)
}

async function renderLostKubeconfig(): Promise<string> {
  const { certificate } = await createCertificateAuthority('kubernetes')
  return renderKubeconfig({
    name: lostInstance,
    user: hubServiceAccount,
    url: lostUrl,
    caCertificate: certificate,
    credential: { token: randomBytes(24).toString('base64url') },
  })
}
