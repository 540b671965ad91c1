import { startApiServer, startControlPlane, type Cluster } from '@hub/demo'
import { borrowControlPlane } from '../../demo/test/borrow-control-plane.ts'

const assets = process.env['KUBEBUILDER_ASSETS']

export type ClusterKind = {
  kind: string
  skip: boolean
  /** AI Runway's webhooks: the demo's server has them unless told otherwise, the real one where it is told to. */
  start(options?: { webhooks?: boolean }): Promise<Cluster>
  /** One that is no longer there after `stop`: the real one of `start` is only given back. */
  startOwn(): Promise<Cluster>
}

/** Both kinds of cluster, for `describe.each`: what differs between them is a failure. */
export const clusterKinds: ClusterKind[] = [
  {
    kind: 'the demo API server',
    skip: false,
    start: (options) => startApiServer(options),
    startOwn: () => startApiServer(),
  },
  {
    kind: 'a real control plane (KUBEBUILDER_ASSETS)',
    skip: !assets,
    start: borrowControlPlane,
    startOwn: () => startControlPlane({ assets: assets! }),
  },
]
