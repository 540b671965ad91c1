import { ClusterError, toAppError, type Transport } from '#kube'
import type { ClusterInstance } from './cluster-instance.ts'
import type { Entry } from './entry.ts'
import { watchNothing } from './watch-health.ts'

/** An instance that the hub knows, and whose kubeconfig it did not take. */
export function enterWithout(
  id: string,
  { accessMode, rights }: Pick<ClusterInstance, 'accessMode' | 'rights'>,
  now: Date,
): Entry {
  const transport = connectNothing()
  return {
    instance: {
      id,
      status: {
        state: 'no-credential',
        reason: toAppError(missing(), { instance: id }).detail,
        since: now.toISOString(),
        lastSeenAt: null,
      },
      accessMode,
      rights,
      kubernetesVersion: null,
      apiGroup: null,
      clusterUid: null,
      clusterIdentity: null,
      endpoint: null,
      contextNamespace: null,
      warnings: [],
      transport,
    },
    once: transport,
    usedAt: () => Number.NEGATIVE_INFINITY,
    good: null,
    health: watchNothing(),
    lastProbe: null,
    settled: null,
    isReloaded: false,
    trouble: null,
    peopleTrouble: null,
  }
}

/** There is nothing to ask a cluster with. */
function connectNothing(): Transport {
  const refuse = async () => {
    throw missing()
  }
  return {
    request: refuse,
    open: refuse,
    // oxlint-disable-next-line require-yield -- it ends before its first event
    watch: async function* () {
      throw missing()
    },
    renew: () => false,
    heardAt: () => Number.NEGATIVE_INFINITY,
    close: async () => {},
  }
}

function missing(): ClusterError {
  return new ClusterError('no-credential', { message: 'has no valid credential' })
}
