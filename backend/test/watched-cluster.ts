import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKubeClient, type Cluster, type KubeClient } from '@hub/demo'
import { expect, vi } from 'vitest'
import { createInstances, type Instances } from '#clusters'
import { quietLog } from './quiet-log.ts'
import { createFleet } from '../src/fleet/create-fleet.ts'
import type { Fleet } from '../src/fleet/fleet.ts'

export const soon = { timeout: 60_000, interval: 20 }

/** The hub's view of one cluster, `prod`; whatever it starts is ended by what is put into `undo`, last first. */
export async function watchCluster(
  cluster: Cluster,
  undo: (() => unknown)[],
  options: { probeIntervalMs?: number } = {},
): Promise<{ instances: Instances; fleet: Fleet; client: KubeClient }> {
  undo.push(() => cluster.stop())
  const client = createKubeClient(cluster.kubeconfig('client-certificate'))
  undo.push(() => client.close())
  const directory = mkdtempSync(join(tmpdir(), 'hub-cluster-'))
  undo.push(() => rmSync(directory, { recursive: true, force: true }))
  writeFileSync(join(directory, 'prod.kubeconfig'), cluster.kubeconfig('service-account-token'))
  const now = () => new Date()
  const instances = createInstances({
    directory,
    policy: { allowLoopback: true, allowInsecureTls: false },
    log: quietLog,
    now,
    ...options,
  })
  undo.push(() => instances.stop())
  const fleet = createFleet({ instances, log: quietLog, now })
  undo.push(() => fleet.stop())
  await instances.start()
  await vi.waitFor(() => expect(fleet.instanceState('prod').synced).toBe(true), soon)
  return { instances, fleet, client }
}

export const deploymentsPath = '/apis/airunway.ai/v1alpha1/namespaces/default/modeldeployments'

export function createDeployment(client: KubeClient, name: string, spec: object = {}) {
  return client.request('POST', deploymentsPath, {
    body: {
      apiVersion: 'airunway.ai/v1alpha1',
      kind: 'ModelDeployment',
      metadata: { name, namespace: 'default' },
      spec: { model: { id: 'a/b' }, engine: { type: 'vllm' }, ...spec },
    },
  })
}
