import { startApiServer, startControlPlane, type Cluster } from '@hub/demo'

const assets = process.env['KUBEBUILDER_ASSETS']

export type ClusterKind = {
  kind: string
  skip: boolean
  /** AI Runway's webhooks: the demo's server has them unless told otherwise, the real one where it is told to. */
  start(options?: { webhooks?: boolean }): Promise<Cluster>
}

/** Both kinds of cluster, for `describe.each`: what differs between them is a failure. */
export const clusterKinds: ClusterKind[] = [
  { kind: 'the demo API server', skip: false, start: (options) => startApiServer(options) },
  {
    kind: 'a real control plane (KUBEBUILDER_ASSETS)',
    skip: !assets,
    start: (options) => startControlPlane({ assets: assets!, ...options }),
  },
]
