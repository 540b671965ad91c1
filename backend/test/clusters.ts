import { startApiServer, startControlPlane, type Cluster } from '@hub/demo'

const assets = process.env['KUBEBUILDER_ASSETS']

export type ClusterKind = { kind: string; skip: boolean; start(): Promise<Cluster> }

/** Both kinds of cluster, for `describe.each`: what differs between them is a failure. */
export const clusterKinds: ClusterKind[] = [
  { kind: 'the demo API server', skip: false, start: () => startApiServer() },
  {
    kind: 'a real control plane (KUBEBUILDER_ASSETS)',
    skip: !assets,
    start: () => startControlPlane({ assets: assets! }),
  },
]
